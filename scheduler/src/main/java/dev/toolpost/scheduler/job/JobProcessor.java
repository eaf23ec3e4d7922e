package dev.toolpost.scheduler.job;

import dev.toolpost.message.JobCommand;
import dev.toolpost.message.JobEvent;
import dev.toolpost.message.JobStatus;
import dev.toolpost.message.PartEvent;
import dev.toolpost.message.ToolError;
import dev.toolpost.scheduler.job.accept.Acceptance;
import dev.toolpost.scheduler.job.accept.Connections;
import dev.toolpost.scheduler.job.accept.JobPlan;
import dev.toolpost.scheduler.job.dispatch.Asked;
import dev.toolpost.scheduler.job.dispatch.DispatchProcessor;
import dev.toolpost.scheduler.job.state.Alarm;
import dev.toolpost.scheduler.job.state.Effect;
import dev.toolpost.scheduler.job.state.JobHead;
import dev.toolpost.scheduler.job.state.JobState;
import dev.toolpost.scheduler.job.state.JobStep;
import dev.toolpost.scheduler.job.state.PartState;
import dev.toolpost.scheduler.out.Outgoing;
import dev.toolpost.schemas.Decoded;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.InvalidMessageException;
import dev.toolpost.schemas.MalformedMessageException;
import dev.toolpost.schemas.Shards;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs of one partition: reads commands and events of parts, lets {@link JobStep} decide, keeps what it says and writes what follows, all
 * of it in the stream's transaction. Confined to its stream thread.
 */
final class JobProcessor implements Processor<byte[], byte[], byte[], JobOutput> {

    private static final Logger LOG = LoggerFactory.getLogger(JobProcessor.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    /** Alarms of one go: records must not wait long behind them. */
    private static final int MOST_ALARMS = 500;

    /** Parts removed in one go. */
    private static final int MOST_CLEARED = 5_000;

    /** A cancel is remembered by a worker until then, in case that its part is between two turns. */
    private static final long STOP_LASTS_MILLIS = 120_000;

    /** {@link PartEvent#getKind()}: when this is read, all that was told of the part until it was written has been. */
    private static final String SILENT = "silent";

    private static final int MOST_CACHED = 200;

    private final JobParameters parameters;
    private final JobMessages messages;
    private final Letters letters;
    private final Map<String, Known> cache = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
            return size() > MOST_CACHED;
        }
    };

    private @Nullable Opened opened;

    private record Known(JobRecords records, String vendor, String resumeTopic, Format format, String digest) {}

    private record Opened(
            ProcessorContext<byte[], JobOutput> context,
            JobStores stores,
            ReadOnlyKeyValueStore<byte[], ValueAndTimestamp<byte[]>> statuses,
            Connections connections,
            Cancellable looking) {}

    JobProcessor(JobParameters parameters, JobMessages messages) {
        this.parameters = parameters;
        this.messages = messages;
        this.letters = new Letters(parameters.letters());
    }

    @Override
    public void init(ProcessorContext<byte[], JobOutput> context) {
        cache.clear();
        ReadOnlyKeyValueStore<byte[], ValueAndTimestamp<byte[]>> connections = context.getStateStore(Jobs.CONNECTIONS);
        opened = new Opened(
                context,
                new JobStores(context),
                context.getStateStore(Jobs.STATUSES),
                new KnownConnections(parameters.topics().connectionEvents(), messages.connections(), connections),
                context.schedule(LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, _ -> look()));
    }

    @Override
    public void close() {
        if (opened != null) {
            opened.looking.cancel();
        }
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        RecordMetadata place = opened().context
                .recordMetadata()
                .orElseThrow(() -> new IllegalStateException("a record of jobs without its place"));
        if (place.topic().equals(parameters.topics().jobParts())) {
            part(record, place);
        } else {
            command(record);
        }
    }

    // ---- commands ----

    private void command(Record<byte[], byte[]> record) {
        String topic = parameters.topics().jobs();
        Decoded<JobCommand> read;
        try {
            read = messages.commands().decode(topic, record.value());
        } catch (InvalidMessageException wrong) {
            JobCommand partial = wrong.partial(JobCommand.class);
            if (partial != null) {
                reject(
                        partial,
                        false,
                        Format.JSON,
                        new Acceptance.Rejected(
                                ErrorCode.INVALID_CALL,
                                String.valueOf(wrong.getMessage()),
                                wrong.problems(),
                                "Correct the named fields and submit the job again."));
            }
            return;
        }
        JobCommand command = read.value();
        switch (command.getAction()) {
            case "submit" -> submit(command, CommandReader.bytes(record), read.format());
            case "pause" -> steer(command, read.format(), JobStep::pause);
            case "resume" -> steer(command, read.format(), JobStep::resume);
            case "cancel" -> steer(command, read.format(), JobStep::cancel);
            case "retry" -> steer(command, read.format(), JobStep::retry);
            default ->
                refuse(
                        command.getJobId(),
                        read.format(),
                        ErrorCode.INVALID_CALL,
                        "action: \"" + shortened(command.getAction())
                                + "\" (expected: submit, pause, resume, cancel or retry)",
                        "Correct the action and send the command again.");
        }
    }

    private void submit(JobCommand command, int bytes, Format format) {
        Opened open = opened();
        String id = command.getJobId();
        String digest = messages.digest(command);
        Known known = known(id);
        if (known != null) {
            if (known.digest.equals(digest)) {
                step(id, known, JobStep::submittedAgain);
            } else {
                refuse(
                        id,
                        format,
                        ErrorCode.CALL_CONFLICT,
                        "job_id: " + id + " is that of another job (expected: an id of its own, or the same job)",
                        "Submit it under another id. The job that has this one goes on as it was submitted.");
            }
            return;
        }
        JobStatus ended = status(id);
        if (ended != null && !ended.getState().equals(JobState.REJECTED.wireName())) {
            tell(
                    JobEvent.newBuilder()
                            .setJobId(id)
                            .setKind("accepted")
                            .setAt(now())
                            .setMessage("submitted again: the job is " + ended.getState() + ", and nothing changes")
                            .build(),
                    format);
            return;
        }
        switch (parameters.acceptance().of(command, bytes, open.connections, now())) {
            case Acceptance.Rejected rejected ->
                reject(command, bytes <= parameters.settings().maxJobBytes(), format, rejected);
            case Acceptance.Accepted(JobPlan plan) -> accept(command, plan, format, digest);
        }
    }

    private void accept(JobCommand command, JobPlan plan, Format format, String digest) {
        String id = command.getJobId();
        JobCommand settled = JobCommand.newBuilder(command)
                .setJob(plan.job())
                .setCall(plan.call())
                .build();
        JobStores stores = opened().stores;
        stores.plan(
                id,
                new JobStores.Kept(
                        messages.text(settled), plan.vendor(), plan.resumeTopic(), format.wireName(), digest));
        stores.head(
                id,
                JobHead.accepted(plan.parts(), plan.concurrency(), plan.cappedRecords(), now(), plan.deadlineMillis()));
        Known known = new Known(new JobRecords(id, settled, plan), plan.vendor(), plan.resumeTopic(), format, digest);
        cache.put(id, known);
        step(id, known, JobStep::begin);
    }

    private void reject(JobCommand command, boolean withJob, Format format, Acceptance.Rejected rejected) {
        long now = now();
        ToolError error = rejected.toMessage();
        tell(JobRecords.refusal(command.getJobId(), error, now), format);
        if (opened().stores.head(command.getJobId()) == null
                && command.getAction().equals("submit")) {
            publish(JobRecords.rejected(command, withJob, error, now), format);
            opened().stores
                    .wake(
                            now + parameters.settings().keepStatus().toMillis(),
                            command.getJobId(),
                            Alarm.FORGET,
                            Alarm.WHOLE_JOB);
        }
    }

    private void steer(JobCommand command, Format format, Consumer<JobStep> how) {
        String id = command.getJobId();
        Known known = known(id);
        if (known != null) {
            step(id, known, how);
            return;
        }
        JobStatus ended = status(id);
        refuse(
                id,
                format,
                ErrorCode.INVALID_CALL,
                command.getAction() + " of job " + id + ": "
                        + (ended == null
                                ? "there is no such job"
                                : "it is " + ended.getState() + ", and its parts are not kept any more"),
                ended == null
                        ? "Submit the job, or name one that GET /jobs shows."
                        : "Submit it under another id to run it anew.");
    }

    private void refuse(String id, Format format, ErrorCode code, String message, String remedy) {
        ToolError error = ToolError.newBuilder()
                .setCode(code.name())
                .setMessage(message)
                .setRemedy(remedy)
                .build();
        tell(JobRecords.refusal(id, error, now()), format);
    }

    // ---- parts ----

    private void part(Record<byte[], byte[]> record, RecordMetadata place) {
        PartEvent event;
        try {
            event = messages.parts().decode(place.topic(), record.value()).value();
        } catch (MalformedMessageException poison) {
            bury(record, place, poison.causeCode(), String.valueOf(poison.getMessage()));
            return;
        } catch (InvalidMessageException wrong) {
            bury(record, place, wrong.causeCode(), String.valueOf(wrong.getMessage()));
            return;
        }
        Known known = known(event.getJobId());
        if (known == null) {
            LOG.debug("An event of part {} of job {}, of which nothing is kept", event.getPart(), event.getJobId());
            return;
        }
        switch (event.getKind()) {
            case DispatchProcessor.BEGUN ->
                step(event.getJobId(), known, step -> step.begun(event.getPart(), event.getRun()));
            case DispatchProcessor.WITHDRAWN ->
                step(event.getJobId(), known, step -> step.withdrawn(event.getPart(), event.getRun()));
            case SILENT -> step(event.getJobId(), known, step -> step.silent(event.getPart(), event.getRun()));
            default -> step(event.getJobId(), known, step -> step.news(event));
        }
    }

    private void bury(Record<byte[], byte[]> record, RecordMetadata place, String cause, String detail) {
        Record<byte[], Outgoing> letter = letters.of(record, place, cause, detail, now());
        opened().context.forward(letter.withValue(new JobOutput.Outside(letter.value())));
    }

    // ---- time ----

    private void look() {
        if (!parameters.time().isKnown()) {
            return;
        }
        Opened open = opened();
        for (JobStores.Due due : open.stores.due(now(), MOST_ALARMS)) {
            open.stores.silence(due);
            Known known = known(due.jobId());
            switch (due.alarm()) {
                case CLEAR -> clear(due.jobId());
                case FORGET -> forget(due.jobId());
                case DEADLINE, RETRY, LOST, STOP, TELL -> {
                    if (known != null) {
                        step(due.jobId(), known, step -> step.alarm(due.alarm(), due.part()));
                    }
                }
            }
        }
    }

    private void clear(String id) {
        JobStores stores = opened().stores;
        JobHead head = stores.head(id);
        if (head == null || !head.state().ended() || head.finishedMillis() == null) {
            return;
        }
        // It may have been taken up again and ended anew.
        if (head.finishedMillis() + parameters.settings().keepFinished().toMillis() <= now()
                && !stores.clear(id, MOST_CLEARED)) {
            stores.wake(now(), id, Alarm.CLEAR, Alarm.WHOLE_JOB);
        }
        cache.remove(id);
    }

    private void forget(String id) {
        JobStatus status = status(id);
        Long finished = status == null ? null : status.getFinishedAt();
        if (opened().stores.head(id) == null
                && finished != null
                && finished + parameters.settings().keepStatus().toMillis() <= now()) {
            send(id, Outgoing.to(parameters.topics().jobStatus(), null));
        }
    }

    // ---- a step and what follows from it ----

    private void step(String id, Known known, Consumer<JobStep> how) {
        JobStores stores = opened().stores;
        JobHead head = stores.head(id);
        if (head == null) {
            return;
        }
        JobStep step = new JobStep(id, known.records.isCall(), head, stores.book(id), parameters.settings(), now());
        how.accept(step);
        if (!step.head().equals(head)) {
            stores.head(id, step.head());
        }
        boolean publishes = false;
        for (Effect effect : step.effects()) {
            publishes |= effect instanceof Effect.Publish;
            carryOut(id, known, step.head(), effect);
        }
        if (publishes) {
            publish(known.records.status(step.head(), stores.book(id), now()), known.format);
        }
    }

    private void carryOut(String id, Known known, JobHead head, Effect effect) {
        switch (effect) {
            case Effect.Offer(int part, PartState state) -> offer(id, known, head, part, state);
            case Effect.Withdraw(int part, int run) -> ask(known.vendor, Asked.withdraw(id, part, run, known.vendor));
            case Effect.Freed(int part, int run) -> ask(known.vendor, Asked.freed(id, part, run, known.vendor));
            case Effect.Stop(int part, PartState state) -> {
                long now = now();
                send(
                        placeOf(known, part),
                        Outgoing.to(
                                known.resumeTopic,
                                messages.internal(
                                        known.resumeTopic,
                                        known.records.stop(part, state, now, now + STOP_LASTS_MILLIS))));
            }
            case Effect.Probe(int part, int run) -> probe(id, part, run);
            case Effect.LastFrame last -> lastFrame(known, last);
            case Effect.Tell(String kind, var part, var error, var message) ->
                tell(known.records.event(head, kind, part, error, message, now()), known.format);
            case Effect.Wake(long at, Alarm alarm, int part) -> opened().stores.wake(at, id, alarm, part);
            case Effect.Publish() -> {
                // Once, when all else is done.
            }
        }
    }

    private void offer(String id, Known known, JobHead head, int part, PartState state) {
        JobPlan plan = known.records.plan();
        byte[] resumption =
                messages.json(known.resumeTopic, known.records.resumption(part, state, known.format.wireName()));
        ask(
                known.vendor,
                Asked.offer(
                        id,
                        part,
                        state.run(),
                        known.vendor,
                        new Asked.Offer(
                                plan.tenant(),
                                plan.connection(part),
                                known.resumeTopic,
                                plan.priority(),
                                head.deadlineMillis(),
                                resumption)));
    }

    /** Comes back behind everything that was told of the part before. */
    private void probe(String id, int part, int run) {
        String topic = parameters.topics().jobParts();
        PartEvent event = PartEvent.newBuilder()
                .setJobId(id)
                .setPart(part)
                .setRun(run)
                .setKind(SILENT)
                .setAt(now())
                .build();
        send(id, Outgoing.to(topic, messages.parts().encode(topic, event, messages.internal())));
    }

    private void lastFrame(Known known, Effect.LastFrame last) {
        String sink = known.records.sink();
        if (!parameters.exists().test(sink)) {
            LOG.warn(
                    "The sink {} is not there any more; the last frame of {} is not written",
                    sink,
                    known.records.callId(last.part(), last.state()));
            return;
        }
        Format format = Format.fromWireName(known.records.frameFormat()).orElse(Format.JSON);
        send(
                known.records.callId(last.part(), last.state()),
                Outgoing.to(
                        sink,
                        messages.frame(
                                sink,
                                known.records.lastFrame(last.part(), last.state(), last.error(), now()),
                                format)));
    }

    private static String placeOf(Known known, int part) {
        JobPlan plan = known.records.plan();
        return Shards.key(plan.tenant(), plan.connection(part));
    }

    private void ask(String vendor, Asked asked) {
        opened().context
                .forward(new Record<>(
                        vendor.getBytes(StandardCharsets.UTF_8),
                        new JobOutput.Inside(asked.bytes()),
                        now(),
                        new RecordHeaders()));
    }

    private void tell(JobEvent event, Format format) {
        String topic = parameters.topics().jobEvents();
        send(event.getJobId(), Outgoing.to(topic, messages.event(topic, event, format)));
    }

    private void publish(JobStatus status, Format format) {
        String topic = parameters.topics().jobStatus();
        send(status.getJobId(), Outgoing.to(topic, messages.status(topic, status, format)));
    }

    private void send(String key, Outgoing outgoing) {
        opened().context
                .forward(new Record<>(
                        key.getBytes(StandardCharsets.UTF_8),
                        new JobOutput.Outside(outgoing),
                        now(),
                        new RecordHeaders()));
    }

    // ---- what is known ----

    private @Nullable Known known(String id) {
        Known cached = cache.get(id);
        if (cached != null) {
            return cached;
        }
        JobStores.Kept kept = opened().stores.plan(id);
        if (kept == null) {
            return null;
        }
        JobCommand command = messages.command(kept.command());
        JobPlan plan = parameters.acceptance().again(command, kept.vendor(), kept.resumeTopic());
        Known known = new Known(
                new JobRecords(id, command, plan),
                kept.vendor(),
                kept.resumeTopic(),
                Format.fromWireName(kept.format()).orElse(Format.JSON),
                kept.digest());
        cache.put(id, known);
        return known;
    }

    private @Nullable JobStatus status(String id) {
        ValueAndTimestamp<byte[]> found = opened().statuses.get(id.getBytes(StandardCharsets.UTF_8));
        return found == null ? null : messages.status(parameters.topics().jobStatus(), found.value());
    }

    private long now() {
        return parameters.time().now(opened().context.currentSystemTimeMs());
    }

    private Opened opened() {
        Opened open = opened;
        if (open == null) {
            throw new IllegalStateException("not opened yet");
        }
        return open;
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }
}
