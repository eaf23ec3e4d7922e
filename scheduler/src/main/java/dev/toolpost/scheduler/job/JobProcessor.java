package dev.toolpost.scheduler.job;

import dev.toolpost.message.JobStatus;
import dev.toolpost.message.PartEvent;
import dev.toolpost.scheduler.job.dispatch.DispatchProcessor;
import dev.toolpost.scheduler.job.state.Alarm;
import dev.toolpost.scheduler.job.state.JobHead;
import dev.toolpost.scheduler.job.state.JobStep;
import dev.toolpost.scheduler.out.Outgoing;
import dev.toolpost.schemas.InvalidMessageException;
import dev.toolpost.schemas.MalformedMessageException;
import java.time.Duration;
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
 * The jobs of one partition: reads commands and events of parts and looks what is due; {@link JobStep} decides. What is read, kept and
 * written is one transaction of the stream. Confined to its stream thread.
 */
final class JobProcessor implements Processor<byte[], byte[], byte[], JobOutput> {

    private static final Logger LOG = LoggerFactory.getLogger(JobProcessor.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    /** Alarms of one go: records must not wait long behind them. */
    private static final int MOST_ALARMS = 500;

    /** Parts removed in one go. */
    private static final int MOST_CLEARED = 5_000;

    private final JobParameters parameters;
    private final JobMessages messages;

    private @Nullable Opened opened;

    private record Opened(
            ProcessorContext<byte[], JobOutput> context,
            JobWriter writer,
            JobKeeper jobs,
            JobCommands commands,
            Cancellable looking) {}

    JobProcessor(JobParameters parameters, JobMessages messages) {
        this.parameters = parameters;
        this.messages = messages;
    }

    @Override
    public void init(ProcessorContext<byte[], JobOutput> context) {
        ReadOnlyKeyValueStore<byte[], ValueAndTimestamp<byte[]>> statuses = context.getStateStore(Jobs.STATUSES);
        ReadOnlyKeyValueStore<byte[], ValueAndTimestamp<byte[]>> connections = context.getStateStore(Jobs.CONNECTIONS);
        JobWriter writer = new JobWriter(context, parameters, messages);
        JobKeeper jobs = new JobKeeper(parameters, messages, new JobStores(context), statuses, writer);
        JobCommands commands = new JobCommands(
                parameters,
                messages,
                new KnownConnections(parameters.topics().connectionEvents(), messages.connections(), connections),
                jobs,
                writer);
        Cancellable looking = context.schedule(LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, _ -> look());
        opened = new Opened(context, writer, jobs, commands, looking);
    }

    @Override
    public void close() {
        if (opened != null) {
            opened.looking.cancel();
        }
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Opened open = opened();
        RecordMetadata place = open.context
                .recordMetadata()
                .orElseThrow(() -> new IllegalStateException("a record of jobs without its place"));
        if (place.topic().equals(parameters.topics().jobParts())) {
            part(open, record, place);
        } else {
            open.commands.carryOut(record);
        }
    }

    // ---- parts ----

    private void part(Opened open, Record<byte[], byte[]> record, RecordMetadata place) {
        PartEvent event;
        try {
            event = messages.parts().decode(place.topic(), record.value()).value();
        } catch (MalformedMessageException poison) {
            bury(open, record, place, poison.causeCode(), String.valueOf(poison.getMessage()));
            return;
        } catch (InvalidMessageException wrong) {
            bury(open, record, place, wrong.causeCode(), String.valueOf(wrong.getMessage()));
            return;
        }
        String id = event.getJobId();
        KnownJob known = open.jobs.find(id);
        if (known == null) {
            LOG.debug("An event of part {} of job {}, of which nothing is kept", event.getPart(), id);
            return;
        }
        switch (event.getKind()) {
            case DispatchProcessor.BEGUN ->
                open.jobs.step(id, known, step -> step.begun(event.getPart(), event.getRun()));
            case DispatchProcessor.WITHDRAWN ->
                open.jobs.step(id, known, step -> step.withdrawn(event.getPart(), event.getRun()));
            case JobWriter.SILENT -> open.jobs.step(id, known, step -> step.silent(event.getPart(), event.getRun()));
            default -> open.jobs.step(id, known, step -> step.news(event));
        }
    }

    private void bury(Opened open, Record<byte[], byte[]> record, RecordMetadata place, String cause, String detail) {
        Record<byte[], Outgoing> letter = parameters.letters().of(record, place, cause, detail, open.writer.now());
        open.context.forward(letter.withValue(new JobOutput.Outside(letter.value())));
    }

    // ---- time ----

    private void look() {
        if (!parameters.time().isKnown()) {
            return;
        }
        Opened open = opened();
        JobStores stores = open.jobs.stores();
        for (JobStores.Due due : stores.due(open.writer.now(), MOST_ALARMS)) {
            stores.silence(due);
            switch (due.alarm()) {
                case CLEAR -> clear(open, due.jobId());
                case FORGET -> forget(open, due.jobId());
                case DEADLINE, RETRY, LOST, STOP, TELL, TAKE_UP, END -> {
                    KnownJob known = open.jobs.find(due.jobId());
                    if (known != null) {
                        open.jobs.step(due.jobId(), known, step -> step.alarm(due.alarm(), due.part()));
                    }
                }
            }
        }
    }

    private void clear(Opened open, String id) {
        JobStores stores = open.jobs.stores();
        JobHead head = stores.head(id);
        Long finished = head == null || !head.state().ended() ? null : head.finishedMillis();
        // It may have been taken up again and ended anew.
        if (finished != null
                && finished + parameters.settings().keepFinished().toMillis() <= open.writer.now()
                && !open.jobs.clear(id, MOST_CLEARED)) {
            stores.wake(open.writer.now(), id, Alarm.CLEAR, Alarm.WHOLE_JOB);
        }
    }

    private void forget(Opened open, String id) {
        JobStatus status = open.jobs.status(id);
        JobStores stores = open.jobs.stores();
        if (stores.head(id) != null) {
            return;
        }
        if (status == null) {
            stores.forget(id);
            return;
        }
        Long finished = status.getFinishedAt();
        if (finished != null && finished + parameters.settings().keepStatus().toMillis() <= open.writer.now()) {
            stores.forget(id);
            open.writer.forget(id);
        }
    }

    private Opened opened() {
        Opened open = opened;
        if (open == null) {
            throw new IllegalStateException("not opened yet");
        }
        return open;
    }
}
