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
import dev.toolpost.scheduler.job.state.JobSettings;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Holds a job against what is known when it is submitted: what is wrong is told at once, and not by each of its parts. A tool that is not
 * known here may be known to a worker, so its arguments are left to that one. Thread-safe.
 */
public final class JobAcceptance {

    /** The longest job id: with the number of a part it must still be a call id. */
    public static final int MAX_JOB_ID_LENGTH = 150;

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
                    .read(JobFields.object(job.getArguments()), JobFields.expand(job), job.getConnections());
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
        JobFields fields = new JobFields(topics, settings, avro, nowMillis);
        String tenant = fields.tenant(job.getTenant(), "/job/tenant");
        String sink = job.getSink() == null ? topics.topics().replies() : job.getSink();
        fields.check(job, sink);
        if (!fields.problems().isEmpty()) {
            return invalid(fields.problems());
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
                        JobFields.quoted(job.getVendor()) + " has " + connections.size()
                                + " connections, whose names have "
                                + characters + " characters (expected: at most " + settings.maxJobBytes()
                                + "; name the connections, in several jobs)");
            }
        }
        Expanded expanded = new ExpansionReader(settings.mostParts())
                .read(JobFields.object(job.getArguments()), JobFields.expand(job), connections);
        return switch (expanded) {
            case Expanded.Refused(String path, String problem) -> invalid(path, problem);
            case Expanded.Parts(var expansion) -> {
                Acceptance.Rejected arguments = ref == null
                        ? null
                        : ArgumentCheck.of(
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
                    JobFields.quoted(job.getVendor()) + ", but " + job.getTool() + " belongs to "
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

    // ---- calls ----

    private Acceptance call(JobCommand command, ToolCall call, long nowMillis) {
        JobFields fields = new JobFields(topics, settings, avro, nowMillis);
        String tenant = fields.tenant(call.getTenant(), "/call/tenant");
        fields.check(call);
        if (!fields.problems().isEmpty()) {
            return invalid(fields.problems());
        }
        ToolRef ref = catalogue.get().byTool(call.getTool());
        Acceptance.Rejected arguments = ref == null
                        || JobFields.parsed(call.getArguments()).has(Paging.NEXT_CURSOR)
                ? null
                : ArgumentCheck.of(ref, JobFields.object(call.getArguments()), pointer -> "/call/arguments" + pointer);
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
}
