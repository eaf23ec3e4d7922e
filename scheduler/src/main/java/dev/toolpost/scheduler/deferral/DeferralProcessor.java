package dev.toolpost.scheduler.deferral;

import dev.toolpost.scheduler.clock.BrokerTime;
import dev.toolpost.scheduler.out.Letters;
import dev.toolpost.scheduler.out.Outgoing;
import dev.toolpost.scheduler.out.RecordSize;
import dev.toolpost.schemas.DeadLetters;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.RegistryUnavailableException;
import dev.toolpost.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deferrals of one partition of {@code later}. What came in, what was taken out and what was delivered is one transaction, so a crash at
 * any place leaves a deferral either waiting or delivered.
 *
 * <p>Nothing here looks at a clock of this machine: the stream's own decides only how often {@link #deliver} runs, what is due is decided by
 * {@link BrokerTime}. Confined to its stream thread.
 */
final class DeferralProcessor implements Processor<byte[], byte[], byte[], Outgoing> {

    private static final Logger LOG = LoggerFactory.getLogger(DeferralProcessor.class);
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.UTF_8);

    /** How often what could not be read is tried again. */
    private static final long TRY_MILLIS = 1_000;

    private final DeferralSettings settings;
    private final DeferralReader reader;
    private final BrokerTime time;
    private final Targets targets;
    private final DeferralBoard board;
    private final Letters letters;

    private @Nullable ProcessorContext<byte[], Outgoing> context;
    private @Nullable DeferralStore store;
    private @Nullable UnreadRecords unread;
    private @Nullable Cancellable delivery;
    private int partition;
    private long triedMillis;

    DeferralProcessor(
            Topics topics,
            DeferralSettings settings,
            DeferralReader reader,
            BrokerTime time,
            Targets targets,
            DeferralBoard board) {
        this.settings = settings;
        this.reader = reader;
        this.time = time;
        this.targets = targets;
        this.board = board;
        this.letters = new Letters(new DeadLetters(topics.deadLetters()));
    }

    @Override
    public void init(ProcessorContext<byte[], Outgoing> context) {
        this.context = context;
        this.partition = context.taskId().partition();
        KeyValueStore<byte[], byte[]> bytes = context.getStateStore(Deferrals.STORE);
        this.store = new DeferralStore(bytes);
        this.unread = new UnreadRecords(bytes);
        time.watch(partition);
        this.delivery = context.schedule(settings.every(), PunctuationType.WALL_CLOCK_TIME, ignored -> deliver());
        show(BrokerTime.UNKNOWN);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        RecordMetadata place = context()
                .recordMetadata()
                .orElseThrow(() -> new IllegalStateException("a record of later without its place"));
        ConsumerRecord<byte[], byte[]> message = new ConsumerRecord<>(
                place.topic(),
                place.partition(),
                place.offset(),
                record.timestamp(),
                TimestampType.LOG_APPEND_TIME,
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                record.key(),
                record.value(),
                record.headers(),
                Optional.empty());
        if (unread().isEmpty() && read(message)) {
            return;
        }
        unread().add(message);
    }

    /** False where it cannot be read now, because the registry does not answer. */
    private boolean read(ConsumerRecord<byte[], byte[]> message) {
        DeferralReader.Wish wish;
        try {
            wish = reader.read(message.topic(), message.value(), message.timestamp());
        } catch (RegistryUnavailableException e) {
            if (unread().isEmpty()) {
                LOG.warn("What comes on {}-{} waits for the schema registry", message.topic(), partition, e);
            }
            return false;
        }
        switch (wish) {
            case DeferralReader.Wish.Nothing nothing -> {}
            case DeferralReader.Wish.Defer defer -> {
                if (store().put(defer.deferral(), defer.dueMillis(), message.offset())) {
                    board.replaced();
                }
            }
            case DeferralReader.Wish.Recall recall -> recall(recall.id(), message);
            case DeferralReader.Wish.Dead dead -> bury(message, dead.cause(), dead.detail(), message.timestamp());
        }
        return true;
    }

    /** Due as of now, with the mark of it; delivered like everything that is due. */
    private void recall(String id, ConsumerRecord<byte[], byte[]> message) {
        int recalled = store().recall(
                        id, message.timestamp(), message.offset(), each -> each.marked(HeaderNames.RECALLED, TRUE));
        if (recalled == 0) {
            LOG.debug("Recalled and not there: {}", id);
        }
        for (int i = 0; i < recalled; i++) {
            board.recalled();
        }
    }

    /** Delivers what is due, oldest first, as much as one go may take. */
    private void deliver() {
        if (!unread().isEmpty() && context().currentSystemTimeMs() - triedMillis >= TRY_MILLIS) {
            unread().drain(this::read);
            triedMillis = context().currentSystemTimeMs();
        }
        long now = time.now(partition);
        if (now != BrokerTime.UNKNOWN && store().nextDueMillis() <= now) {
            deliverUntil(now);
        }
        show(now);
    }

    private void deliverUntil(long now) {
        Allowance allowance = new Allowance(settings.mostRecords(), settings.mostBytes());
        store().offerDue(now, (key, deferral) -> allowance.left() && sendWhereItCan(deferral, key, now, allowance));
    }

    /** What one go may still deliver. */
    private static final class Allowance {
        private int records;
        private long bytes;

        Allowance(int records, long bytes) {
            this.records = records;
            this.bytes = bytes;
        }

        boolean left() {
            return records > 0 && bytes > 0;
        }

        void spend(StoredDeferral deferral) {
            byte[] value = deferral.value();
            records--;
            bytes -= value == null ? 0 : value.length;
        }
    }

    /** False where it must wait because nobody can say whether its target is there. */
    private boolean sendWhereItCan(StoredDeferral deferral, DueKey key, long now, Allowance allowance) {
        return switch (targets.of(deferral.topic(), deferral.partition() == null ? 0 : deferral.partition())) {
            case THERE -> {
                long most = targets.mostBytes(deferral.topic());
                if (!RecordSize.fits(deferral.key(), deferral.value(), deferral.recordHeaders(), most)) {
                    buryDelivered(
                            deferral,
                            key,
                            "too-large-for-target",
                            place(deferral) + " takes at most " + most
                                    + " bytes (max.message.bytes; expected: at least what later takes): raise it and publish"
                                    + " this again",
                            now);
                    yield true;
                }
                allowance.spend(deferral);
                board.delivered(now - key.dueMillis());
                send(deferral, now);
                yield true;
            }
            case MISSING -> {
                buryDelivered(
                        deferral,
                        key,
                        "no-such-target",
                        place(deferral)
                                + " is not there (expected: a topic of a pool): create it and publish this again",
                        now);
                yield true;
            }
            case UNKNOWN -> false;
        };
    }

    private void send(StoredDeferral deferral, long now) {
        context()
                .forward(new Record<>(
                        deferral.key(),
                        new Outgoing(deferral.topic(), deferral.partition(), deferral.value()),
                        now,
                        deferral.recordHeaders()));
    }

    private static String place(StoredDeferral deferral) {
        return deferral.topic() + (deferral.partition() == null ? "" : "-" + deferral.partition());
    }

    /** A deferral that its target cannot take: as it would have been delivered. */
    private void buryDelivered(StoredDeferral deferral, DueKey key, String cause, String detail, long now) {
        bury(
                new ConsumerRecord<>(
                        deferral.topic(),
                        deferral.partition() == null ? 0 : deferral.partition(),
                        key.offset(),
                        key.dueMillis(),
                        TimestampType.CREATE_TIME,
                        ConsumerRecord.NULL_SIZE,
                        ConsumerRecord.NULL_SIZE,
                        deferral.key(),
                        deferral.value(),
                        deferral.recordHeaders(),
                        Optional.empty()),
                cause,
                detail,
                now);
    }

    private void bury(ConsumerRecord<byte[], byte[]> message, String cause, String detail, long now) {
        board.dead();
        context().forward(letters.of(message, cause, detail, now));
    }

    private void show(long now) {
        board.write(partition, new DeferralBoard.Line(store().pending(), store().nextDueMillis(), now));
    }

    private ProcessorContext<byte[], Outgoing> context() {
        return opened(context);
    }

    private UnreadRecords unread() {
        return opened(unread);
    }

    private DeferralStore store() {
        return opened(store);
    }

    private static <T> T opened(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("not opened yet");
        }
        return part;
    }

    @Override
    public void close() {
        if (delivery != null) {
            delivery.cancel();
        }
        time.unwatch(partition);
        board.erase(partition);
    }
}
