package dev.toolpost.scheduler.job;

import dev.toolpost.message.JobEvent;
import dev.toolpost.message.JobStatus;
import dev.toolpost.message.PartEvent;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.scheduler.job.accept.Acceptance;
import dev.toolpost.scheduler.job.accept.JobPlan;
import dev.toolpost.scheduler.job.dispatch.Asked;
import dev.toolpost.scheduler.job.dispatch.DispatchProcessor;
import dev.toolpost.scheduler.job.dispatch.Oversize;
import dev.toolpost.scheduler.job.state.Effect;
import dev.toolpost.scheduler.job.state.PartState;
import dev.toolpost.scheduler.out.Outgoing;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.Format;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what jobs say: to people, to the dispatcher of their vendor, to workers and to their sinks. Confined to its stream thread. */
final class JobWriter {

    /** {@link PartEvent#getKind()}: when this is read, all that was told of the part until it was written has been. */
    static final String SILENT = "silent";

    /** Name of the topic between jobs and dispatchers, without what Kafka Streams puts around it. */
    static final String DISPATCH = "job-dispatch";

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
        byte[] value = messages.event(topic, event, format);
        if (!takes(topic, event.getJobId(), value)) {
            value = messages.event(topic, JobRecords.shortened(event), format);
        }
        send(event.getJobId(), Outgoing.to(topic, value));
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
        byte[] value = messages.status(topic, status, format);
        for (int failures = status.getFailures().size() / 2; !takes(topic, status.getJobId(), value); failures /= 2) {
            value = messages.status(topic, JobRecords.shortened(status, failures), format);
            if (failures == 0) {
                break;
            }
        }
        send(status.getJobId(), Outgoing.to(topic, value));
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
        Asked asked = Asked.offer(
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
                        resumption));
        String line = dispatchTopic();
        byte[] bytes = asked.bytes();
        if (takes(line, asked.vendor(), bytes)) {
            ask(asked.vendor(), bytes);
        } else {
            refuse(jobId, offer, Oversize.error("the part", bytes.length, line, parameters.room()));
        }
    }

    /** As if a worker had had the part and could not carry it out. */
    private void refuse(String jobId, Effect.Offer offer, ToolError error) {
        PartState state = offer.state();
        PartEvent failed =
                Oversize.failure(jobId, offer.part(), state.run(), state.place().frame(), error, now());
        part(PartEvent.newBuilder(failed)
                .setKind(DispatchProcessor.BEGUN)
                .setError(null)
                .build());
        part(failed);
    }

    private void part(PartEvent event) {
        String topic = parameters.topics().jobParts();
        send(event.getJobId(), Outgoing.to(topic, messages.parts().encode(topic, event, messages.internal())));
    }

    /** Why a job cannot be taken on, since its records do not fit into their topics; null where they do. */
    Acceptance.@Nullable Rejected unfit(KnownJob job, JobStatus status) {
        String topic = parameters.topics().jobStatus();
        byte[] shown = messages.status(topic, status, job.format());
        if (!takes(topic, status.getJobId(), shown)) {
            return unfit("the status of the job", shown.length, topic);
        }
        byte[] first = messages.internal(
                job.resumeTopic(),
                job.records().resumption(0, PartState.NEW, job.format().wireName()));
        return takes(job.resumeTopic(), job.placeOf(0), first)
                ? null
                : unfit("a part of the job", first.length, job.resumeTopic());
    }

    private Acceptance.Rejected unfit(String what, int bytes, String topic) {
        return new Acceptance.Rejected(
                ErrorCode.INVALID_CALL,
                Oversize.message(what, bytes, topic, parameters.room()),
                List.of(),
                Oversize.remedy(topic));
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
        part(PartEvent.newBuilder()
                .setJobId(jobId)
                .setPart(probe.part())
                .setRun(probe.run())
                .setKind(SILENT)
                .setAt(now())
                .build());
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
        ToolReply frame = records.lastFrame(last.part(), last.state(), last.error(), now());
        byte[] value = messages.frame(sink, frame, format);
        if (!takes(sink, callId, value)) {
            value = messages.frame(sink, JobRecords.shortened(frame), format);
        }
        send(callId, Outgoing.to(sink, value));
    }

    private void ask(Asked asked) {
        ask(asked.vendor(), asked.bytes());
    }

    private void ask(String vendor, byte[] asked) {
        context.forward(new Record<>(
                vendor.getBytes(StandardCharsets.UTF_8), new JobOutput.Inside(asked), now(), new RecordHeaders()));
    }

    private String dispatchTopic() {
        return context.applicationId() + "-" + DISPATCH + "-repartition";
    }

    private boolean takes(String topic, String key, byte[] value) {
        return parameters.room().takes(topic, key.getBytes(StandardCharsets.UTF_8), value);
    }

    private void send(String key, Outgoing outgoing) {
        context.forward(new Record<>(
                key.getBytes(StandardCharsets.UTF_8), new JobOutput.Outside(outgoing), now(), new RecordHeaders()));
    }
}
