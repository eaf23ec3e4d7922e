package dev.toolpost.cli;

import dev.toolpost.message.JobStatus;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.WorkerMain;
import dev.toolpost.worker.config.ToolpostConfig;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds how jobs stand: asks the scheduler, and where it does not answer reads the topic that it writes. */
final class JobLookup {
    private final CommonOptions common;
    private final ToolpostConfig config;
    private final SchedulerApi api;
    private boolean told;

    JobLookup(CommonOptions common, ToolpostConfig config, SchedulerApi api) {
        this.common = common;
        this.config = config;
        this.api = api;
    }

    /** A job's status; null where there is no such job. */
    @Nullable
    JsonNode find(String jobId) {
        return switch (api.ask("/jobs/" + SchedulerApi.segment(jobId), Map.of())) {
            case SchedulerApi.Said.Answer(JsonNode body) -> body;
            case SchedulerApi.Said.Unknown _ -> null;
            case SchedulerApi.Said.Refused(String message) -> throw CliException.usage(message, "");
            case SchedulerApi.Said.Silence(String problem) -> {
                if (Thread.currentThread().isInterrupted()) {
                    throw api.unreachable("interrupted while asking");
                }
                tellOnce(problem);
                byte[] status = CompactedTopic.one(config, topic(), jobId);
                yield status == null ? null : json(status);
            }
        };
    }

    /** A job's status, or a refusal that says what to do. */
    JsonNode require(String jobId) {
        JsonNode status = find(jobId);
        if (status == null) {
            throw CliException.usage(
                    "there is no job " + jobId,
                    "toolpost jobs list shows which there are; one that ended long ago is forgotten.");
        }
        return status;
    }

    /** The jobs, newest first. */
    JsonNode list(String state, String tenant, int limit, String after) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("state", state);
        parameters.put("tenant", tenant);
        parameters.put("limit", Integer.toString(limit));
        parameters.put("after", after);
        return switch (api.ask("/jobs", parameters)) {
            case SchedulerApi.Said.Answer(JsonNode body) -> body;
            case SchedulerApi.Said.Unknown(String message) -> throw CliException.usage(message, "");
            case SchedulerApi.Said.Refused(String message) -> throw CliException.usage(message, "");
            case SchedulerApi.Said.Silence(String problem) -> {
                tellOnce(problem);
                yield fromTopic(CompactedTopic.all(config, topic()).values(), state, tenant, limit, after);
            }
        };
    }

    private JsonNode fromTopic(Collection<byte[]> values, String state, String tenant, int limit, String after) {
        ObjectNode document = Json.object();
        ArrayNode jobs = document.putArray("jobs");
        List<JsonNode> found = values.stream()
                .map(this::json)
                .filter(each ->
                        state.isEmpty() || state.equals(each.path("state").asString("")))
                .filter(each -> tenant.isEmpty() || tenant.equals(JobView.tenant(each)))
                .sorted(Comparator.comparingLong(
                                (JsonNode each) -> each.path("submitted_at").asLong())
                        .reversed())
                .toList();
        List<JsonNode> rest = found;
        if (!after.isEmpty()) {
            rest = found.stream()
                    .dropWhile(each -> !after.equals(id(each)))
                    .skip(1)
                    .toList();
        }
        rest.stream().limit(limit).forEach(jobs::add);
        document.put("count", found.size());
        document.put("next", rest.size() > limit ? id(rest.get(limit - 1)) : null);
        return document;
    }

    private static String id(JsonNode job) {
        return job.path("job_id").asString("");
    }

    private void tellOnce(String problem) {
        if (!told && !common.json()) {
            common.err()
                    .println("No answer from the scheduler at " + api.url() + " (" + problem
                            + "); this is what it last wrote.");
            common.err().flush();
        }
        told = true;
    }

    private JsonNode json(byte[] status) {
        MessageCodec<JobStatus> codec = MessageCodec.of(JobStatus.class, WorkerMain.registry(config));
        try {
            return JsonMapper.shared()
                    .readTree(codec.encode("", codec.decode(topic(), status).value(), Format.JSON));
        } catch (DecodeException wrong) {
            throw CliException.usage(
                    "a status in " + topic() + " cannot be read: " + wrong.getMessage(),
                    "Set schema_registry.url in the configuration.",
                    wrong);
        }
    }

    private String topic() {
        return new Topics(config.prefix()).jobStatus();
    }
}
