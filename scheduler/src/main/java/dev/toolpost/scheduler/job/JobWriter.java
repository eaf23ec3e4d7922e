package dev.toolpost.scheduler.job;

import dev.toolpost.message.JobEvent;
import dev.toolpost.message.JobStatus;
import dev.toolpost.message.PartEvent;
import dev.toolpost.message.ToolError;
import dev.toolpost.scheduler.job.accept.JobPlan;
import dev.toolpost.scheduler.job.dispatch.Asked;
import dev.toolpost.scheduler.job.state.Effect;
import dev.toolpost.scheduler.job.state.PartState;
import dev.toolpost.scheduler.out.Outgoing;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.Format;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what jobs say: to people, to the dispatcher of their vendor, to workers and to their sinks. Confined to its stream thread. */
final class JobWriter {

    /** {@link PartEvent#getKind()}: when this is read, all that was told of the part until it was written has been. */
    static final String SILENT = "silent";

    private static final Logger LOG = LoggerFactory.getLogger(JobWriter.class);

    /** A cancel is remembered by a worker until then, in case that its part is between two turns. */
    private static final long STOP_LASTS_MILLIS = 120_000;

    private final ProcessorContext<byte[], JobOutput> context;
    private final JobParameters parameters;
    private final JobMessages messages;

    JobWriter(ProcessorContext<byte[], JobOutput> context, JobParameters parameters, JobMessages messages) {
        this.context = context;
        this.parameters = parameters;
        this.messages = messages;
    }

    /** The time of what is written. */
    long now() {
        return parameters.time().now(context.currentSystemTimeMs());
    }

    // ---- to people ----

    void tell(JobEvent event, Format format) {
        String topic = parameters.topics().jobEvents();
        send(event.getJobId(), Outgoing.to(topic, messages.event(topic, event, format)));
    }

    /** A command that is not carried out is answered by an event. */
    void refuse(String jobId, Format format, ErrorCode code, String message, String remedy) {
        ToolError error = ToolError.newBuilder()
                .setCode(code.name())
                .setMessage(message)
                .setRemedy(remedy)
                .build();
        tell(JobRecords.refusal(jobId, error, now()), format);
    }

    void publish(JobStatus status, Format format) {
        String topic = parameters.topics().jobStatus();
        send(status.getJobId(), Outgoing.to(topic, messages.status(topic, status, format)));
    }

    /** Removes the status of a job. */
    void forget(String jobId) {
        send(jobId, Outgoing.to(parameters.topics().jobStatus(), null));
    }

    // ---- about parts ----

    void offer(String jobId, KnownJob job, Effect.Offer offer) {
        JobPlan plan = job.records().plan();
        PartState state = offer.state();
        byte[] resumption = messages.json(
                job.resumeTopic(),
                job.records().resumption(offer.part(), state, job.format().wireName()));
        ask(Asked.offer(
                jobId,
                offer.part(),
                state.run(),
                job.vendor(),
                new Asked.Offer(
                        plan.tenant(),
                        plan.connection(offer.part()),
                        job.resumeTopic(),
                        plan.priority(),
                        plan.deadlineMillis(),
                        resumption)));
    }

    void withdraw(String jobId, KnownJob job, Effect.Withdraw withdraw) {
        ask(Asked.withdraw(jobId, withdraw.part(), withdraw.run(), job.vendor()));
    }

    void freed(String jobId, KnownJob job, Effect.Freed freed) {
        ask(Asked.freed(jobId, freed.part(), freed.run(), job.vendor()));
    }

    void stop(KnownJob job, Effect.Stop stop) {
        long now = now();
        send(
                job.placeOf(stop.part()),
                Outgoing.to(
                        job.resumeTopic(),
                        messages.internal(
                                job.resumeTopic(),
                                job.records().stop(stop.part(), stop.state(), now, now + STOP_LASTS_MILLIS))));
    }

    /** Comes back behind everything that was told of the part before. */
    void probe(String jobId, Effect.Probe probe) {
        String topic = parameters.topics().jobParts();
        PartEvent event = PartEvent.newBuilder()
                .setJobId(jobId)
                .setPart(probe.part())
                .setRun(probe.run())
                .setKind(SILENT)
                .setAt(now())
                .build();
        send(jobId, Outgoing.to(topic, messages.parts().encode(topic, event, messages.internal())));
    }

    void lastFrame(KnownJob job, Effect.LastFrame last) {
        JobRecords records = job.records();
        String sink = records.sink();
        String callId = records.callId(last.part(), last.state());
        if (!parameters.exists().test(sink)) {
            LOG.warn("The sink {} is not there any more; the last frame of {} is not written", sink, callId);
            return;
        }
        Format format = Format.fromWireName(records.frameFormat()).orElse(Format.JSON);
        send(
                callId,
                Outgoing.to(
                        sink,
                        messages.frame(
                                sink, records.lastFrame(last.part(), last.state(), last.error(), now()), format)));
    }

    private void ask(Asked asked) {
        context.forward(new Record<>(
                asked.vendor().getBytes(StandardCharsets.UTF_8),
                new JobOutput.Inside(asked.bytes()),
                now(),
                new RecordHeaders()));
    }

    private void send(String key, Outgoing outgoing) {
        context.forward(new Record<>(
                key.getBytes(StandardCharsets.UTF_8), new JobOutput.Outside(outgoing), now(), new RecordHeaders()));
    }
}
