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
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code GET /jobs}, newest first, with {@code state}, {@code tenant} and {@code limit}; {@code GET /jobs/{id}} with all there is. Every instance has the status
 * of every job, so nobody else is asked. Thread-safe.
 */
final class JobPages {

    private static final int LISTED = 100;
    private static final int MOST_LISTED = 1_000;
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final KafkaStreams streams;
    private final JobMessages messages;
    private final String topic;

    JobPages(KafkaStreams streams, JobMessages messages, String topic) {
        this.streams = streams;
        this.messages = messages;
        this.topic = topic;
    }

    void addTo(Router router) {
        router.get("/jobs", this::jobs);
        router.get("/jobs/{id}", this::job);
    }

    private Answer jobs(Request request) {
        try {
            return list(request, statuses());
        } catch (InvalidStateStoreException notYet) {
            return moving();
        }
    }

    Answer list(Request request, ReadOnlyKeyValueStore<byte[], byte[]> statuses) {
        int limit = request.number("limit", LISTED, MOST_LISTED);
        Optional<String> state = request.parameter("state");
        Optional<String> tenant = request.parameter("tenant");
        if (state.isPresent()
                && Arrays.stream(JobState.values())
                        .noneMatch(known -> known.wireName().equals(state.get()))) {
            throw new BadRequestException(
                    "state: \"" + state.get() + "\" (expected: one of "
                            + Arrays.stream(JobState.values())
                                    .map(JobState::wireName)
                                    .collect(Collectors.joining(", "))
                            + ")",
                    null);
        }
        // Only as many are held as are shown.
        PriorityQueue<JobStatus> newest = new PriorityQueue<>(Comparator.comparingLong(JobStatus::getSubmittedAt));
        int all = 0;
        try (KeyValueIterator<byte[], byte[]> entries = statuses.all()) {
            while (entries.hasNext()) {
                JobStatus status = messages.status(topic, entries.next().value);
                if (status != null
                        && state.map(status.getState()::equals).orElse(true)
                        && tenant.map(wanted -> wanted.equals(tenantOf(status))).orElse(true)) {
                    all++;
                    newest.add(status);
                    if (newest.size() > limit) {
                        newest.poll();
                    }
                }
            }
        }
        ObjectNode body = MAPPER.createObjectNode().put("count", all);
        ArrayNode jobs = body.putArray("jobs");
        newest.stream()
                .sorted(Comparator.comparingLong(JobStatus::getSubmittedAt).reversed())
                .forEach(status -> jobs.add(row(status)));
        return Answer.json(body);
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
        byte[] found;
        try {
            found = statuses().get(id.getBytes(StandardCharsets.UTF_8));
        } catch (InvalidStateStoreException notYet) {
            return moving();
        }
        JobStatus status = found == null ? null : messages.status(topic, found);
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

    private static @Nullable String tenantOf(JobStatus status) {
        if (status.getJob() != null) {
            return status.getJob().getTenant();
        }
        return status.getCall() == null ? null : status.getCall().getTenant();
    }

    private ReadOnlyKeyValueStore<byte[], byte[]> statuses() {
        return streams.store(StoreQueryParameters.fromNameAndType(Jobs.STATUSES, QueryableStoreTypes.keyValueStore()));
    }
}
