package dev.toolpost.scheduler.job.dispatch;

import dev.toolpost.message.PartEvent;
import dev.toolpost.message.Resumption;
import dev.toolpost.scheduler.job.meter.JobMeters;
import dev.toolpost.scheduler.job.state.JobClock;
import dev.toolpost.scheduler.job.state.JobSettings;
import dev.toolpost.scheduler.out.Outgoing;
import dev.toolpost.scheduler.out.Room;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The lines of the vendors of one partition. What waits and what workers have is in stores; the lines in memory are made anew from them.
 * That a part goes to a worker and that its job hears of it is one transaction. Confined to its stream thread.
 */
public final class DispatchProcessor implements Processor<byte[], byte[], byte[], Outgoing> {

    /** Store: everything, apart by the first byte of the key. */
    public static final String STORE = "job-dispatch";

    /** The parts in line, by job and part. */
    private static final byte WAITING = 'w';

    /** What is sent when a part goes, by job and part. */
    private static final byte OFFER = 'o';

    /** The parts that workers have, by job and part. */
    private static final byte FLYING = 'f';

    /** Which tenant went last, by vendor. */
    private static final byte TURN = 't';

    /** {@link PartEvent#getKind()}: the part went to a worker. */
    public static final String BEGUN = "begun";

    /** {@link PartEvent#getKind()}: the part was given back. */
    public static final String WITHDRAWN = "withdrawn";

    private final Topics topics;
    private final JobSettings settings;
    private final Room room;
    private final MessageCodec<Resumption> resumptions;
    private final MessageCodec<PartEvent> parts;
    private final Format format;
    private final JobClock time;
    private final JobMeters meters;
    private final Map<String, Turns> vendors = new HashMap<>();

    private @Nullable Opened opened;

    private record Opened(ProcessorContext<byte[], Outgoing> context, KeyValueStore<byte[], byte[]> store) {}

    /**
     * A dispatcher.
     *
     * @param room what topics take
     * @param format of what workers and jobs read
     */
    public DispatchProcessor(
            Topics topics,
            JobSettings settings,
            Room room,
            MessageCodec<Resumption> resumptions,
            MessageCodec<PartEvent> parts,
            Format format,
            JobClock time,
            JobMeters meters) {
        this.topics = topics;
        this.settings = settings;
        this.room = room;
        this.resumptions = resumptions;
        this.parts = parts;
        this.format = format;
        this.time = time;
        this.meters = meters;
    }

    @Override
    public void init(ProcessorContext<byte[], Outgoing> context) {
        Opened stores = new Opened(context, context.getStateStore(STORE));
        opened = stores;
        vendors.clear();
        try (KeyValueIterator<byte[], byte[]> all = all(stores, WAITING)) {
            all.forEachRemaining(entry -> {
                Waiting part = Waiting.of(entry.value);
                turns(part.vendor()).offer(part);
            });
        }
        try (KeyValueIterator<byte[], byte[]> all = all(stores, FLYING)) {
            all.forEachRemaining(entry -> {
                Waiting part = Waiting.of(entry.value);
                turns(part.vendor()).restoreFlying(part);
            });
        }
        try (KeyValueIterator<byte[], byte[]> all = all(stores, TURN)) {
            while (all.hasNext()) {
                KeyValue<byte[], byte[]> entry = all.next();
                Turns known = vendors.get(new String(entry.key, 1, entry.key.length - 1, StandardCharsets.UTF_8));
                if (known != null) {
                    known.last(new String(entry.value, StandardCharsets.UTF_8));
                }
            }
        }
        vendors.forEach(this::show);
    }

    @Override
    public void close() {
        Opened stores = opened;
        if (stores != null) {
            meters.erase(stores.context.taskId().partition());
        }
    }

    private void show(String vendor, Turns turns) {
        meters.line(opened().context.taskId().partition(), vendor, turns.waiting(), turns.flying());
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Opened stores = opened();
        Asked asked = Asked.of(record.value());
        PartKey key = new PartKey(asked.jobId(), asked.part());
        Turns turns = turns(asked.vendor());
        switch (asked.kind()) {
            case Asked.OFFER -> {
                Asked.Offer offer = asked.offer();
                if (offer != null) {
                    join(stores, turns, key, asked, offer);
                }
            }
            case Asked.WITHDRAW -> {
                if (turns.withdraw(key, asked.run()) != null) {
                    stores.store.delete(key.bytes(WAITING));
                    stores.store.delete(key.bytes(OFFER));
                    tell(key, asked.run(), WITHDRAWN);
                }
            }
            case Asked.FREED -> {
                if (turns.freed(key, asked.run()) != null) {
                    stores.store.delete(key.bytes(FLYING));
                }
            }
            default -> throw new IllegalStateException("dispatcher asked for " + asked.kind());
        }
        release(stores, asked.vendor(), turns);
        show(asked.vendor(), turns);
    }

    private static void join(Opened stores, Turns turns, PartKey key, Asked asked, Asked.Offer offer) {
        long arrival =
                stores.context.recordMetadata().map(RecordMetadata::offset).orElse(0L);
        Waiting part = new Waiting(
                key, asked.run(), asked.vendor(), offer.tenant(), offer.connection(), offer.priority(), arrival);
        if (turns.offer(part)) {
            stores.store.put(key.bytes(WAITING), part.bytes());
            stores.store.put(key.bytes(OFFER), asked.bytes());
        }
    }

    private void release(Opened stores, String vendor, Turns turns) {
        String before = turns.last();
        for (Optional<Waiting> next = turns.next(); next.isPresent(); next = turns.next()) {
            Waiting part = next.get();
            Asked.Offer offer =
                    Asked.of(stores.store.get(part.key().bytes(OFFER))).offer();
            stores.store.delete(part.key().bytes(WAITING));
            stores.store.delete(part.key().bytes(OFFER));
            stores.store.put(part.key().bytes(FLYING), part.bytes());
            if (offer != null) {
                send(part, offer);
            }
        }
        if (!turns.last().equals(before)) {
            stores.store.put(turn(vendor), turns.last().getBytes(StandardCharsets.UTF_8));
        }
        if (turns.isEmpty()) {
            vendors.remove(vendor);
            stores.store.delete(turn(vendor));
        }
    }

    private void send(Waiting part, Asked.Offer offer) {
        long now = now();
        Resumption resumption =
                resumptions.decode(offer.topic(), offer.resumption()).value();
        resumption.setAppendedAt(now);
        resumption.setDeadline(
                Math.min(offer.deadlineMillis(), now + settings.partDeadline().toMillis()));
        String place = Shards.key(offer.tenant(), offer.connection());
        byte[] value = resumptions.encode(offer.topic(), resumption, format);
        tell(part.key(), part.run(), BEGUN);
        if (room.takes(offer.topic(), place.getBytes(StandardCharsets.UTF_8), value)) {
            forward(place, Outgoing.to(offer.topic(), value), now);
        } else {
            // As a worker would tell that it cannot be carried out.
            tell(
                    part.key().jobId(),
                    Oversize.failure(
                            part.key().jobId(),
                            part.key().part(),
                            part.run(),
                            resumption.getFrame(),
                            Oversize.error("the part", value.length, offer.topic(), room),
                            now),
                    now);
        }
    }

    private void tell(PartKey key, int run, String kind) {
        long now = now();
        PartEvent event = PartEvent.newBuilder()
                .setJobId(key.jobId())
                .setPart(key.part())
                .setRun(run)
                .setKind(kind)
                .setAt(now)
                .build();
        tell(key.jobId(), event, now);
    }

    private void tell(String jobId, PartEvent event, long now) {
        forward(jobId, Outgoing.to(topics.jobParts(), parts.encode(topics.jobParts(), event, format)), now);
    }

    private void forward(String key, Outgoing outgoing, long now) {
        opened().context
                .forward(new Record<>(key.getBytes(StandardCharsets.UTF_8), outgoing, now, new RecordHeaders()));
    }

    private static KeyValueIterator<byte[], byte[]> all(Opened stores, byte kind) {
        return stores.store.range(new byte[] {kind}, new byte[] {(byte) (kind + 1)});
    }

    private static byte[] turn(String vendor) {
        byte[] name = vendor.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + name.length).put(TURN).put(name).array();
    }

    private Turns turns(String vendor) {
        return vendors.computeIfAbsent(
                vendor, _ -> new Turns(settings.partsPerConnection(), settings.partsPerVendor()));
    }

    private long now() {
        return time.now(opened().context.currentSystemTimeMs());
    }

    private Opened opened() {
        Opened stores = opened;
        if (stores == null) {
            throw new IllegalStateException("not opened yet");
        }
        return stores;
    }
}
