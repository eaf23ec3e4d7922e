package dev.toolpost.scheduler.job.accept;

import dev.toolpost.connectors.Paging;
import dev.toolpost.message.Job;
import dev.toolpost.message.ToolCall;
import dev.toolpost.scheduler.job.state.JobSettings;
import dev.toolpost.schemas.FieldProblem;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.Ids;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Looks at the fields of one job or call, each by itself, and gathers what is wrong. Not thread-safe. */
final class JobFields {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final int MOST_LABELS = 64;
    private static final int LONGEST_LABEL = 256;
    private static final int LONGEST_SHOWN = 80;

    private final JobTopics topics;
    private final JobSettings settings;
    private final boolean avro;
    private final long nowMillis;
    private final List<FieldProblem> problems = new ArrayList<>();

    /** @param avro whether there is a schema registry to write Avro with */
    JobFields(JobTopics topics, JobSettings settings, boolean avro, long nowMillis) {
        this.topics = topics;
        this.settings = settings;
        this.avro = avro;
        this.nowMillis = nowMillis;
    }

    /** What is wrong, in the order of the fields. */
    List<FieldProblem> problems() {
        return List.copyOf(problems);
    }

    /** @param sink the one that is meant */
    void check(Job job, String sink) {
        tool(job.getTool(), "/job/tool");
        names(job);
        bounds(job);
        sink(sink, "/job/sink");
        if (!job.getView().equals("native") && !job.getView().equals("unified")) {
            problems.add(new FieldProblem("/job/view", quoted(job.getView()) + " (expected: native or unified)"));
        }
        format(job);
        labels(job.getLabels());
    }

    void check(ToolCall call) {
        tool(call.getTool(), "/call/tool");
        if (!Ids.isId(call.getConnection())) {
            problems.add(new FieldProblem(
                    "/call/connection", quoted(call.getConnection()) + " (expected: " + Ids.ID_PATTERN + ")"));
        }
        if (!call.getAction().equals("execute")) {
            problems.add(new FieldProblem("/call/action", quoted(call.getAction()) + " (expected: execute)"));
        }
        if (call.getCallId() != null && !Ids.isCallId(call.getCallId())) {
            problems.add(new FieldProblem(
                    "/call/call_id",
                    quoted(call.getCallId()) + " (expected: 1 to " + Ids.MAX_CALL_ID_LENGTH
                            + " printable ASCII characters without spaces)"));
        }
        if (!parsed(call.getArguments()).isObject()) {
            problems.add(new FieldProblem("/call/arguments", "no JSON object (expected: the tool's arguments)"));
        }
        if (call.getTimeoutMs() != null && call.getTimeoutMs() < 1) {
            problems.add(new FieldProblem("/call/timeout_ms", call.getTimeoutMs() + " (expected: >= 1)"));
        }
        deadline(call.getDeadline(), "/call/deadline");
        sink(call.getReplyTo() == null ? topics.topics().replies() : call.getReplyTo(), "/call/reply_to");
    }

    /** The tenant that is meant; a problem where there is none. */
    String tenant(@Nullable String given, String path) {
        String tenant = given == null ? topics.defaultTenant() : given;
        if (tenant == null) {
            problems.add(new FieldProblem(path, "missing (expected: the customer's id)"));
            return "";
        }
        if (!Ids.isId(tenant)) {
            problems.add(new FieldProblem(path, quoted(tenant) + " (expected: " + Ids.ID_PATTERN + ")"));
        }
        return tenant;
    }

    private void tool(String tool, String path) {
        if (!Ids.isToolName(tool)) {
            problems.add(new FieldProblem(path, quoted(tool) + " (expected: " + Ids.TOOL_PATTERN + ")"));
        }
    }

    private void names(Job job) {
        if (job.getVendor() != null && !Ids.isId(job.getVendor())) {
            problems.add(
                    new FieldProblem("/job/vendor", quoted(job.getVendor()) + " (expected: " + Ids.ID_PATTERN + ")"));
        }
        if (job.getConnections().isEmpty() == (job.getVendor() == null)) {
            problems.add(new FieldProblem(
                    "/job/connections",
                    job.getVendor() == null
                            ? "none (expected: at least one, or a vendor)"
                            : "given with a vendor (expected: one of connections and vendor)"));
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < job.getConnections().size(); i++) {
            String connection = job.getConnections().get(i);
            if (!Ids.isId(connection)) {
                problems.add(new FieldProblem(
                        "/job/connections/" + i, quoted(connection) + " (expected: " + Ids.ID_PATTERN + ")"));
            } else if (!seen.add(connection)) {
                problems.add(new FieldProblem("/job/connections/" + i, quoted(connection) + " twice (expected: once)"));
            }
        }
        JsonNode arguments = parsed(job.getArguments());
        if (!arguments.isObject()) {
            problems.add(new FieldProblem("/job/arguments", "no JSON object (expected: the tool's arguments)"));
        } else if (arguments.has(Paging.NEXT_CURSOR)) {
            problems.add(new FieldProblem(
                    "/job/arguments/" + Paging.NEXT_CURSOR, "given (expected: none; a job reads from the beginning)"));
        }
    }

    private void bounds(Job job) {
        if (job.getMaxRecords() != null && job.getMaxRecords() < 1) {
            problems.add(new FieldProblem("/job/max_records", job.getMaxRecords() + " (expected: >= 1)"));
        }
        if (job.getMaxPages() != null && job.getMaxPages() < 1) {
            problems.add(new FieldProblem("/job/max_pages", job.getMaxPages() + " (expected: >= 1)"));
        }
        Integer concurrency = job.getConcurrency();
        if (concurrency != null && (concurrency < 1 || concurrency > settings.mostConcurrency())) {
            problems.add(new FieldProblem(
                    "/job/concurrency", concurrency + " (expected: 1 to " + settings.mostConcurrency() + ")"));
        }
        if (job.getPriority() < 1 || job.getPriority() > 9) {
            problems.add(new FieldProblem("/job/priority", job.getPriority() + " (expected: 1 to 9)"));
        }
        deadline(job.getDeadline(), "/job/deadline");
    }

    private void deadline(@Nullable Long deadline, String path) {
        if (deadline == null) {
            return;
        }
        if (deadline <= nowMillis) {
            problems.add(new FieldProblem(
                    path, deadline + " (expected: milliseconds since 1970, after now, which is " + nowMillis + ")"));
        } else if (deadline > nowMillis + settings.longestDeadline().toMillis()) {
            problems.add(new FieldProblem(
                    path,
                    deadline + " (expected: at most "
                            + settings.longestDeadline().toDays() + " days from now)"));
        }
    }

    private void format(Job job) {
        Format format = Format.fromWireName(job.getFormat()).orElse(null);
        if (format == null) {
            problems.add(new FieldProblem("/job/format", quoted(job.getFormat()) + " (expected: avro or json)"));
        } else if (format == Format.AVRO && !avro) {
            problems.add(new FieldProblem(
                    "/job/format",
                    "avro without a schema registry (expected: json, or schema.registry.url configured)"));
        }
    }

    private void labels(Map<String, String> labels) {
        if (labels.size() > MOST_LABELS) {
            problems.add(new FieldProblem("/job/labels", labels.size() + " (expected: at most " + MOST_LABELS + ")"));
        }
        labels.forEach((name, value) -> {
            if (name.length() > LONGEST_LABEL || value.length() > LONGEST_LABEL) {
                problems.add(new FieldProblem(
                        "/job/labels",
                        quoted(name) + " is too long (expected: " + LONGEST_LABEL + " characters at most)"));
            }
        });
    }

    private void sink(String sink, String path) {
        if (!topics.isSink(sink)) {
            problems.add(new FieldProblem(
                    path,
                    quoted(sink) + " (expected: a reply topic, as "
                            + topics.topics().replies() + " is; the operator says which in topics.reply_pattern)"));
        } else if (!topics.exists().test(sink)) {
            problems.add(new FieldProblem(path, quoted(sink) + " does not exist (expected: a topic; create it first)"));
        }
    }

    static @Nullable JsonNode expand(Job job) {
        return job.getExpand() == null ? null : parsed(job.getExpand());
    }

    static ObjectNode object(String json) {
        return parsed(json) instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    }

    static JsonNode parsed(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JacksonException notJson) {
            return JsonNodeFactory.instance.missingNode();
        }
    }

    static String quoted(String text) {
        return '"' + (text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...") + '"';
    }
}
