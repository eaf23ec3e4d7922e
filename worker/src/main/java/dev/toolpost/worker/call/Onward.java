package dev.toolpost.worker.call;

import dev.toolpost.message.Deferral;
import dev.toolpost.message.PartEvent;
import dev.toolpost.message.Resumption;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.SchemaRegistry;
import dev.toolpost.worker.call.CallOutcome.HandedOver;
import dev.toolpost.worker.reply.CallError;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes the records that Toolpost writes for itself: of calls that move, of those that the scheduler keeps until a time, and of
 * what became of the parts of jobs. Thread-safe.
 */
final class Onward {

    private static final String DEFER = "defer";
    private static final String RECALL = "recall";
    private static final String PROGRESS = "progress";
    private static final String DONE = "done";
    private static final String FAILED = "failed";

    private final MessageCodec<Resumption> resumptions;
    private final MessageCodec<Deferral> deferrals;
    private final MessageCodec<PartEvent> parts;
    private final Topics topics;
    private final Format format;
    private final InstantSource clock;

    /** @param registry null where messages are plain JSON only */
    Onward(Topics topics, @Nullable SchemaRegistry registry, Format format, InstantSource clock) {
        this.resumptions = MessageCodec.of(Resumption.class, registry);
        this.deferrals = MessageCodec.of(Deferral.class, registry);
        this.parts = MessageCodec.of(PartEvent.class, registry);
        this.topics = topics;
        this.format = format;
        this.clock = clock;
    }

    /** The record that moves a call, now or after its time. */
    ProducerRecord<byte[], byte[]> moved(RunningCall run, HandedOver handedOver) {
        byte[] key = run.settledCall().connectionKey().getBytes(StandardCharsets.UTF_8);
        byte[] value = resumptions.encode(handedOver.topic(), handedOver.resumption(), format);
        if (!handedOver.delay().isZero()) {
            return deferral(
                    run.settledCall(),
                    Deferral.newBuilder()
                            .setDeferralId(run.settledCall().deferralId())
                            .setAction(DEFER)
                            .setDelayMs(handedOver.delay().toMillis())
                            .setTopic(handedOver.topic())
                            .setPartition(handedOver.partition())
                            .setKey(run.settledCall().connectionKey())
                            .setValue(ByteBuffer.wrap(value)));
        }
        ProducerRecord<byte[], byte[]> moved =
                new ProducerRecord<>(handedOver.topic(), handedOver.partition(), key, value);
        int hops = handedOver.resumption().getHops();
        if (hops > 0) {
            moved.headers().add(HeaderNames.FORWARDED, Integer.toString(hops).getBytes(StandardCharsets.UTF_8));
        }
        return moved;
    }

    /** The record that has the scheduler give back at once what it keeps of calls that a cancel means. */
    ProducerRecord<byte[], byte[]> recall(RunningCall run, String cancelKey) {
        return deferral(
                run.settledCall(),
                Deferral.newBuilder().setDeferralId(cancelKey).setAction(RECALL));
    }

    private ProducerRecord<byte[], byte[]> deferral(Call call, Deferral.Builder deferral) {
        return new ProducerRecord<>(
                topics.later(),
                call.connectionKey().getBytes(StandardCharsets.UTF_8),
                deferrals.encode(
                        topics.later(),
                        deferral.setTenant(call.tenant())
                                .setConnection(call.connection())
                                .build(),
                        format));
    }

    /**
     * What one turn of a part has published.
     *
     * @param frame number of the next frame
     */
    record Published(long records, int pages, long bytes, int frame) {
        /** Nothing. */
        static Published nothing(Call call) {
            return new Published(0, 0, 0, call.progress().frame());
        }
    }

    /**
     * The part goes on.
     *
     * @param cursor where; a job takes a part that is lost up again from there
     */
    ProducerRecord<byte[], byte[]> partProgress(
            RunningCall run, JobPart part, Published published, @Nullable String cursor) {
        return event(run, part, PROGRESS, published, null, cursor);
    }

    /** The part is done. */
    ProducerRecord<byte[], byte[]> partDone(RunningCall run, JobPart part, Published published) {
        return event(run, part, DONE, published, null, null);
    }

    /**
     * The part failed.
     *
     * @param cursor from which it can be tried again; null for its beginning
     */
    ProducerRecord<byte[], byte[]> partFailed(
            RunningCall run, JobPart part, Published published, CallError error, @Nullable String cursor) {
        return event(run, part, FAILED, published, error, cursor);
    }

    private ProducerRecord<byte[], byte[]> event(
            RunningCall run,
            JobPart part,
            String kind,
            Published published,
            @Nullable CallError error,
            @Nullable String cursor) {
        Call call = run.settledCall();
        PartEvent event = PartEvent.newBuilder()
                .setJobId(part.jobId())
                .setPart(part.number())
                .setRun(part.run())
                .setKind(kind)
                .setCallId(call.id())
                .setTenant(call.tenant())
                .setConnection(call.connection())
                .setRecords(published.records())
                .setPages(published.pages())
                .setBytes(published.bytes())
                .setFrame(published.frame())
                .setAttempts(run.attempts())
                .setCursor(cursor)
                .setError(error == null ? null : error.toMessage())
                .setAt(clock.millis())
                .build();
        return new ProducerRecord<>(
                topics.jobParts(),
                part.jobId().getBytes(StandardCharsets.UTF_8),
                parts.encode(topics.jobParts(), event, format));
    }
}
