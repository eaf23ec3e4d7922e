package dev.toolpost.scheduler.job;

import dev.toolpost.message.JobStatus;
import dev.toolpost.scheduler.http.Answer;
import dev.toolpost.scheduler.http.BadRequestException;
import dev.toolpost.scheduler.http.Request;
import dev.toolpost.scheduler.http.Router;
import dev.toolpost.scheduler.job.state.JobState;
import dev.toolpost.schemas.Format;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code GET /jobs}, newest first, with {@code state}, {@code tenant}, {@code limit} and {@code after}, the last job of the page before;
 * {@code GET /jobs/{id}} with all there is. Every instance has the status of every job, so nobody else is asked, and only those are read
 * that are shown. Thread-safe.
 */
final class JobPages {

    private static final int LISTED = 100;
    private static final int MOST_LISTED = 1_000;

    /** Statuses that could not be read when they came, of which one question tries so many again. */
    private static final int MOST_TRIED = 100;

    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final Supplier<ReadOnlyKeyValueStore<byte[], byte[]>> statuses;
    private final JobIndex index;
    private final JobMessages messages;
    private final String topic;

    JobPages(
            Supplier<ReadOnlyKeyValueStore<byte[], byte[]>> statuses,
            JobIndex index,
            JobMessages messages,
            String topic) {
        this.statuses = statuses;
        this.index = index;
        this.messages = messages;
        this.topic = topic;
    }

    void addTo(Router router) {
        router.get("/jobs", this::jobs);
        router.get("/jobs/{id}", this::job);
    }

    Answer jobs(Request request) {
        try {
            return list(request, statuses.get());
        } catch (InvalidStateStoreException notYet) {
            return moving();
        }
    }

    private Answer list(Request request, ReadOnlyKeyValueStore<byte[], byte[]> store) {
        int limit = request.number("limit", LISTED, MOST_LISTED);
        Optional<String> state = request.parameter("state");
        Optional<String> tenant = request.parameter("tenant");
        if (state.isPresent()) {
            requireState(state.get());
        }
        Predicate<JobIndex.Line> wanted = line -> !line.state().equals(JobIndex.UNREAD)
                && state.map(line.state()::equals).orElse(true)
                && tenant.map(given -> given.equals(line.tenant())).orElse(true);
        readAgain(store);
        List<String> page = behind(request.parameter("after"))
                .filter(wanted)
                .limit(limit + 1L)
                .map(JobIndex.Line::jobId)
                .toList();
        ObjectNode body = MAPPER.createObjectNode()
                .put("count", index.all().filter(wanted).count());
        ArrayNode jobs = body.putArray("jobs");
        page.stream()
                .limit(limit)
                .flatMap(id -> Optional.ofNullable(read(store, id)).stream())
                .forEach(status -> jobs.add(row(status)));
        return Answer.json(body.put("next", page.size() > limit ? page.get(limit - 1) : null));
    }

    private static void requireState(String state) {
        if (Arrays.stream(JobState.values()).noneMatch(known -> known.wireName().equals(state))) {
            throw new BadRequestException(
                    "state: \"" + state + "\" (expected: one of "
                            + Arrays.stream(JobState.values())
                                    .map(JobState::wireName)
                                    .collect(Collectors.joining(", "))
                            + ")",
                    null);
        }
    }

    private Stream<JobIndex.Line> behind(Optional<String> after) {
        if (after.isEmpty()) {
            return index.all();
        }
        Stream<JobIndex.Line> rest = index.behind(after.get());
        if (rest == null) {
            throw new BadRequestException(
                    "after: \"" + after.get() + "\" (expected: a job that is there, as next names one; begin anew)",
                    null);
        }
        return rest;
    }

    /** What came while the schema registry was away. */
    private void readAgain(ReadOnlyKeyValueStore<byte[], byte[]> store) {
        index.unread().limit(MOST_TRIED).toList().forEach(id -> {
            JobStatus status = read(store, id);
            if (status != null) {
                index.found(id, status);
            }
        });
    }

    private @Nullable JobStatus read(ReadOnlyKeyValueStore<byte[], byte[]> store, String id) {
        byte[] found = store.get(id.getBytes(StandardCharsets.UTF_8));
        return found == null ? null : messages.status(topic, found);
    }

    /** A status without what can be long; {@code /jobs/{id}} has that. */
    private JsonNode row(JobStatus status) {
        JsonNode row = MAPPER.readTree(json(status));
        if (row instanceof ObjectNode object) {
            object.remove("failures");
        }
        if (row.path("job") instanceof ObjectNode job) {
            job.remove(List.of("connections", "expand", "arguments"));
        }
        if (row.path("call") instanceof ObjectNode call) {
            call.remove("arguments");
        }
        return row;
    }

    private Answer job(Request request) {
        String id = request.variable("id");
        JobStatus status;
        try {
            status = read(statuses.get(), id);
        } catch (InvalidStateStoreException notYet) {
            return moving();
        }
        return status == null
                ? Answer.error(404, "job \"" + id + "\" is not known (expected: the id of a job of the last weeks)")
                : Answer.jsonBytes(json(status));
    }

    private static Answer moving() {
        return Answer.error(503, "the status of jobs is being restored here: ask again");
    }

    private byte[] json(JobStatus status) {
        return messages.status(topic, status, Format.JSON);
    }
}
