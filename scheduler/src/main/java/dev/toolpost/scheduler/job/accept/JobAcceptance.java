package dev.toolpost.scheduler.job.accept;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.message.Job;
import dev.toolpost.message.JobCommand;
import dev.toolpost.message.ToolCall;
import dev.toolpost.scheduler.job.expand.Expanded;
import dev.toolpost.scheduler.job.expand.Expansion;
import dev.toolpost.scheduler.job.expand.ExpansionReader;
import dev.toolpost.scheduler.job.expand.Sample;
import dev.toolpost.scheduler.job.state.JobSettings;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.Ids;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds a job against what is known when it is submitted: what is wrong is told at once, and not by each of its parts. A tool that is not
 * known here may be known to a worker, so its arguments are left to that one. Thread-safe.
 */
public final class JobAcceptance {

    /** The longest job id: with the number of a part it must still be a call id. */
    public static final int MAX_JOB_ID_LENGTH = 150;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final int MOST_LABELS = 64;
    private static final int LONGEST_LABEL = 256;

    /** Characters of arguments that one job has checked here: what is wrong behind them the worker finds. */
    private static final long MOST_CHECKED = 16 << 20;

    private final Supplier<ConnectorCatalogue> catalogue;
    private final JobTopics topics;
    private final JobSettings settings;
    private final boolean avro;

    /** @param avro whether there is a schema registry to write Avro with */
    public JobAcceptance(Supplier<ConnectorCatalogue> catalogue, JobTopics topics, JobSettings settings, boolean avro) {
        this.catalogue = catalogue;
        this.topics = topics;
        this.settings = settings;
        this.avro = avro;
    }

    /**
     * Whether a job is taken on.
     *
     * @param bytes size of the command
     */
    public Acceptance of(JobCommand command, int bytes, Connections connections, long nowMillis) {
        if (command.getJobId().length() > MAX_JOB_ID_LENGTH) {
            return invalid(
                    "/job_id",
                    command.getJobId().length() + " characters (expected: at most " + MAX_JOB_ID_LENGTH + ")");
        }
        if (bytes > settings.maxJobBytes()) {
            return invalid(
                    "",
                    "a job of " + bytes + " bytes (expected: at most " + settings.maxJobBytes()
                            + "; name a range in place of a list, or submit several jobs)");
        }
        Job job = command.getJob();
        ToolCall call = command.getCall();
        if (job != null && call != null) {
            return invalid("/call", "given with a job (expected: one of job and call)");
        }
        if (job != null) {
            return job(job, connections, nowMillis);
        }
        return call == null ? invalid("/job", "missing (expected: a job, or a call)") : call(command, call, nowMillis);
    }

    /** A job as it was taken on before, from what was kept of it. */
    public JobPlan again(JobCommand kept, String vendor, String resumeTopic) {
        Job job = kept.getJob();
        ToolCall call = kept.getCall();
        if (job != null) {
            Expanded expanded = new ExpansionReader(Integer.MAX_VALUE)
                    .read(object(job.getArguments()), expand(job), job.getConnections());
            if (!(expanded instanceof Expanded.Parts(var expansion))) {
                throw new IllegalStateException("the job " + kept.getJobId() + " as it was kept cannot be expanded");
            }
            return plan(job, vendor, resumeTopic, expansion);
        }
        if (call == null) {
            throw new IllegalStateException("of the job " + kept.getJobId() + " neither job nor call was kept");
        }
        return plan(call, vendor, resumeTopic);
    }

    // ---- jobs ----

    private Acceptance job(Job job, Connections known, long nowMillis) {
        List<FieldProblem> problems = new ArrayList<>();
        String tenant = tenant(job.getTenant(), "/job/tenant", problems);
        tool(job.getTool(), "/job/tool", problems);
        names(job, problems);
        bounds(job, nowMillis, problems);
        String sink = job.getSink() == null ? topics.topics().replies() : job.getSink();
        sink(sink, "/job/sink", problems);
        if (!job.getView().equals("native") && !job.getView().equals("unified")) {
            problems.add(new FieldProblem("/job/view", quoted(job.getView()) + " (expected: native or unified)"));
        }
        format(job, problems);
        labels(job.getLabels(), problems);
        if (!problems.isEmpty()) {
            return invalid(problems);
        }
        ToolRef ref = catalogue.get().byTool(job.getTool());
        Acceptance.Rejected unfit = unfit(job, ref);
        if (unfit != null) {
            return unfit;
        }
        List<String> connections = job.getConnections();
        if (job.getVendor() != null && connections.isEmpty()) {
            connections = known.of(tenant, job.getVendor());
            if (connections.isEmpty()) {
                return Acceptance.Rejected.field(
                        ErrorCode.UNKNOWN_CONNECTION,
                        "/job/vendor",
                        "no connection of tenant " + tenant + " at vendor " + job.getVendor() + " is known",
                        "Add a connection, or name the connections of the job. Connections that were not added by the toolpost command"
                                + " are known after: toolpost connections announce.");
            }
            long characters = connections.stream().mapToLong(String::length).sum();
            if (characters > settings.maxJobBytes()) {
                return invalid(
                        "/job/vendor",
                        quoted(job.getVendor()) + " has " + connections.size() + " connections, whose names have "
                                + characters + " characters (expected: at most " + settings.maxJobBytes()
                                + "; name the connections, in several jobs)");
            }
        }
        Expanded expanded =
                new ExpansionReader(settings.mostParts()).read(object(job.getArguments()), expand(job), connections);
        return switch (expanded) {
            case Expanded.Refused(String path, String problem) -> invalid(path, problem);
            case Expanded.Parts(var expansion) -> {
                Acceptance.Rejected arguments = ref == null
                        ? null
                        : wrongArguments(
                                ref,
                                expansion
                                        .samples()
                                        .limit(Math.max(
                                                1,
                                                MOST_CHECKED
                                                        / Math.max(
                                                                1,
                                                                job.getArguments()
                                                                        .length()))));
                if (arguments != null) {
                    yield arguments;
                }
                long latest = nowMillis + settings.defaultDeadline().toMillis();
                Job settled = Job.newBuilder(job)
                        .setTenant(tenant)
                        .setConnections(connections)
                        .setSink(sink)
                        .setConcurrency(job.getConcurrency() == null ? settings.concurrency() : job.getConcurrency())
                        .setDeadline(job.getDeadline() == null ? latest : job.getDeadline())
                        .build();
                yield placed(
                        job.getTool(), "/job/tool", ref, (vendor, resume) -> plan(settled, vendor, resume, expansion));
            }
        };
    }

    private static JobPlan plan(Job job, String vendor, String resume, Expansion expansion) {
        return new JobPlan(
                job.getTool(),
                String.valueOf(job.getTenant()),
                vendor,
                resume,
                job,
                null,
                expansion,
                job.getConcurrency() == null ? 1 : job.getConcurrency(),
                job.getPriority(),
                job.getDeadline() == null ? Long.MAX_VALUE : job.getDeadline());
    }

    private void names(Job job, List<FieldProblem> problems) {
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

    private void bounds(Job job, long nowMillis, List<FieldProblem> problems) {
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
        deadline(job.getDeadline(), "/job/deadline", nowMillis, problems);
    }

    private void deadline(@Nullable Long deadline, String path, long nowMillis, List<FieldProblem> problems) {
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

    private void format(Job job, List<FieldProblem> problems) {
        Format format = Format.fromWireName(job.getFormat()).orElse(null);
        if (format == null) {
            problems.add(new FieldProblem("/job/format", quoted(job.getFormat()) + " (expected: avro or json)"));
        } else if (format == Format.AVRO && !avro) {
            problems.add(new FieldProblem(
                    "/job/format",
                    "avro without a schema registry (expected: json, or schema.registry.url configured)"));
        }
    }

    private static void labels(Map<String, String> labels, List<FieldProblem> problems) {
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

    /** What the tool's definition says against the job, as far as the tool is known. */
    private Acceptance.@Nullable Rejected unfit(Job job, @Nullable ToolRef ref) {
        if (ref == null) {
            return null;
        }
        if (!ref.tool().effect().readsOnly()) {
            return Acceptance.Rejected.field(
                    ErrorCode.NOT_ALLOWED,
                    "/job/tool",
                    job.getTool() + " changes data, and the parts of a job may run more than once",
                    "Submit it as a call: a call is made once.");
        }
        if (job.getVendor() != null && !job.getVendor().equals(ref.connector().vendor())) {
            return Acceptance.Rejected.field(
                    ErrorCode.INVALID_CALL,
                    "/job/vendor",
                    quoted(job.getVendor()) + ", but " + job.getTool() + " belongs to "
                            + ref.connector().vendor(),
                    null);
        }
        if (job.getView().equals("unified") && ref.tool().unified() == null) {
            return Acceptance.Rejected.field(
                    ErrorCode.INVALID_CALL,
                    "/job/view",
                    "unified, but " + job.getTool() + " has the native view only",
                    "Leave view out.");
        }
        return null;
    }

    private static Acceptance.@Nullable Rejected wrongArguments(ToolRef ref, Stream<Sample> samples) {
        Iterator<Sample> each = samples.iterator();
        while (each.hasNext()) {
            Sample sample = each.next();
            Acceptance.Rejected wrong = wrongArguments(ref, sample.arguments(), sample::place);
            if (wrong != null) {
                return wrong;
            }
        }
        return null;
    }

    /** @param places where in the command something in the arguments stands */
    private static Acceptance.@Nullable Rejected wrongArguments(
            ToolRef ref, ObjectNode arguments, UnaryOperator<String> places) {
        List<FieldProblem> wrong = ref.validator().validate(arguments).stream()
                .map(problem -> new FieldProblem(places.apply(problem.path()), problem.message()))
                .toList();
        return wrong.isEmpty()
                ? null
                : new Acceptance.Rejected(
                        ErrorCode.INVALID_ARGUMENTS,
                        wrong.stream()
                                .map(problem -> problem.path() + ": " + problem.message())
                                .collect(Collectors.joining("; ")),
                        wrong,
                        "Correct the arguments and submit the job again; toolpost tools show "
                                + ref.tool().name() + " prints their schema.");
    }

    // ---- calls ----

    private Acceptance call(JobCommand command, ToolCall call, long nowMillis) {
        List<FieldProblem> problems = new ArrayList<>();
        String tenant = tenant(call.getTenant(), "/call/tenant", problems);
        tool(call.getTool(), "/call/tool", problems);
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
        deadline(call.getDeadline(), "/call/deadline", nowMillis, problems);
        sink(call.getReplyTo() == null ? topics.topics().replies() : call.getReplyTo(), "/call/reply_to", problems);
        if (!problems.isEmpty()) {
            return invalid(problems);
        }
        ToolRef ref = catalogue.get().byTool(call.getTool());
        Acceptance.Rejected arguments =
                ref == null || parsed(call.getArguments()).has(Paging.NEXT_CURSOR)
                        ? null
                        : wrongArguments(ref, object(call.getArguments()), pointer -> "/call/arguments" + pointer);
        if (arguments != null) {
            return arguments;
        }
        long deadline =
                call.getDeadline() == null ? nowMillis + settings.partDeadline().toMillis() : call.getDeadline();
        if (call.getTimeoutMs() != null) {
            deadline = Math.min(deadline, nowMillis + call.getTimeoutMs());
        }
        ToolCall settled = ToolCall.newBuilder(call)
                .setTenant(tenant)
                .setCallId(call.getCallId() == null ? command.getJobId() : call.getCallId())
                .setDeadline(deadline)
                .setTimeoutMs(null)
                .build();
        return placed(call.getTool(), "/call/tool", ref, (vendor, resume) -> plan(settled, vendor, resume));
    }

    private static JobPlan plan(ToolCall call, String vendor, String resume) {
        return new JobPlan(
                call.getTool(),
                String.valueOf(call.getTenant()),
                vendor,
                resume,
                null,
                call,
                null,
                1,
                5,
                call.getDeadline() == null ? Long.MAX_VALUE : call.getDeadline());
    }

    // ---- both ----

    /** Makes a plan, knowing the vendor and the topic at which parts begin. */
    private interface Planning {
        JobPlan plan(String vendor, String resumeTopic);
    }

    private Acceptance placed(String tool, String path, @Nullable ToolRef ref, Planning planning) {
        String resume = topics.topics()
                .resume(ref == null ? Connector.COMMON_POOL : ref.connector().pool());
        if (!topics.exists().test(resume)) {
            return Acceptance.Rejected.field(
                    ErrorCode.INVALID_CALL,
                    path,
                    "the topic " + resume + ", where parts with " + tool + " begin, does not exist",
                    "Create the topics with: toolpost topics create.");
        }
        int underscore = tool.indexOf('_');
        String vendor = ref != null ? ref.connector().vendor() : underscore < 1 ? tool : tool.substring(0, underscore);
        return new Acceptance.Accepted(planning.plan(vendor, resume));
    }

    private String tenant(@Nullable String given, String path, List<FieldProblem> problems) {
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

    private void tool(String tool, String path, List<FieldProblem> problems) {
        if (!Ids.isToolName(tool)) {
            problems.add(new FieldProblem(path, quoted(tool) + " (expected: " + Ids.TOOL_PATTERN + ")"));
        }
    }

    private void sink(String sink, String path, List<FieldProblem> problems) {
        if (!topics.isSink(sink)) {
            problems.add(new FieldProblem(
                    path,
                    quoted(sink) + " (expected: a reply topic, as "
                            + topics.topics().replies() + " is; the operator says which in topics.reply_pattern)"));
        } else if (!topics.exists().test(sink)) {
            problems.add(new FieldProblem(path, quoted(sink) + " does not exist (expected: a topic; create it first)"));
        }
    }

    private static @Nullable JsonNode expand(Job job) {
        return job.getExpand() == null ? null : parsed(job.getExpand());
    }

    private static ObjectNode object(String json) {
        return parsed(json) instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    }

    private static JsonNode parsed(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JacksonException notJson) {
            return JsonNodeFactory.instance.missingNode();
        }
    }

    private static Acceptance.Rejected invalid(String path, String message) {
        return Acceptance.Rejected.field(ErrorCode.INVALID_CALL, path, message, null);
    }

    private static Acceptance.Rejected invalid(List<FieldProblem> problems) {
        return new Acceptance.Rejected(
                ErrorCode.INVALID_CALL,
                problems.stream()
                        .map(problem -> problem.path() + ": " + problem.message())
                        .collect(Collectors.joining("; ")),
                problems,
                "Correct the named fields and submit the job again.");
    }

    private static String quoted(String text) {
        return '"' + (text.length() <= 80 ? text : text.substring(0, 80) + "...") + '"';
    }
}
