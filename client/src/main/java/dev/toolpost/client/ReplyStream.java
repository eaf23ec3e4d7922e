package dev.toolpost.client;

import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.RegistryUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one call, one by one, for answers of any length: at no time are more than a few of them in memory. Nothing is
 * fetched while nobody asks, so a slow reader slows nobody down but itself; it only has to read faster than the reply topic
 * forgets, and is told when it did not.
 *
 * <pre>{@code
 * try (ReplyStream stream = client.stream(CallSpec.builder("hubspot_list_contacts", "sales").all().build())) {
 *     for (ToolReply frame = stream.next(); frame != null; frame = stream.next()) {
 *         …
 *     }
 * }
 * }</pre>
 *
 * <p>Takes the first frame of each number, in their order, and ends after the first that is the last. An error that a worker
 * answered with is the last frame; frames before it stay valid. Closing a stream before its end cancels the call.
 *
 * <p>Thread-safe; several threads that read share the frames.
 */
public final class ReplyStream implements AutoCloseable {
    private static final Duration STEP = Duration.ofMillis(500);
    private static final Duration REGISTRY_PAUSE = Duration.ofMillis(250);

    /** What the stream needs of its client. */
    interface Owner {
        /** Asks for the call to be cancelled. */
        void cancel(Outgoing call);

        /** Why the call may be without an answer. */
        Diagnosis diagnose(Outgoing call);

        /** The stream is over and holds nothing any more. */
        void closed(ReplyStream stream);
    }

    private final Outgoing call;
    private final Owner owner;
    private final MessageCodec<ToolReply> codec;
    private final TopicPartition partition;
    private final Duration timeout;
    private final Duration grace;
    private final long startedNanos;
    private final ReentrantLock lock = new ReentrantLock();

    private volatile boolean closing;
    private volatile boolean ended;

    /** Why the call has failed; whoever asks next is told. */
    private volatile @Nullable ClientException failure;

    /** Guarded by {@link #lock}, as all below. */
    private final Consumer<byte[], byte[]> consumer;

    private Iterator<ConsumerRecord<byte[], byte[]>> fetched = Collections.emptyIterator();
    private int next;
    private long heardNanos;
    private boolean closed;

    /** @param consumer stands where the partition ended before the call was published; closed with this */
    ReplyStream(
            Outgoing call,
            Owner owner,
            Consumer<byte[], byte[]> consumer,
            TopicPartition partition,
            MessageCodec<ToolReply> codec,
            Duration timeout,
            Duration grace) {
        this.call = call;
        this.owner = owner;
        this.consumer = consumer;
        this.partition = partition;
        this.codec = codec;
        this.timeout = timeout;
        this.grace = grace;
        this.startedNanos = System.nanoTime();
        this.heardNanos = startedNanos;
    }

    public String callId() {
        return call.callId();
    }

    public CallSpec spec() {
        return call.spec();
    }

    /** Where the call was published. */
    public String topic() {
        return call.topic();
    }

    /**
     * Waits for the next frame; null after the last.
     *
     * @throws ClientException if the call could not be published, its answer stops or cannot be read, or this is closed
     */
    public @Nullable ToolReply next() throws InterruptedException {
        while (true) {
            ToolReply frame = poll(STEP);
            if (frame != null || ended) {
                return frame;
            }
        }
    }

    /**
     * Waits for the next frame, but not for longer than this; null if none came, and after the last, which
     * {@link #isDone()} tells apart.
     *
     * @throws ClientException as for {@link #next()}
     */
    public @Nullable ToolReply poll(Duration atMost) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long untilNanos = System.nanoTime() + atMost.toNanos();
            while (!ended) {
                requireWell();
                while (fetched.hasNext()) {
                    ToolReply frame = taken(fetched.next());
                    if (frame != null) {
                        return frame;
                    }
                }
                long leftNanos = untilNanos - System.nanoTime();
                if (!fetch(Duration.ofNanos(Math.clamp(leftNanos, 0, STEP.toNanos()))) && leftNanos <= 0) {
                    return null;
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The frames as a stream of Java's. It waits for each, ends after the last and throws the {@link ClientException} of a call
     * that fails.
     */
    public Stream<ToolReply> frames() {
        return Stream.generate(() -> {
                    try {
                        return next();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new ClosedException("interrupted while waiting for a frame of call " + callId(), e);
                    }
                })
                .takeWhile(Objects::nonNull)
                .map(Objects::requireNonNull);
    }

    /** Whether the last frame was handed out. */
    public boolean isDone() {
        return ended;
    }

    /**
     * Asks for the call to be cancelled; returns at once. The frames then end with {@code CANCELLED}, unless the last one was on
     * its way before.
     */
    public void cancel() {
        if (!ended && failure == null) {
            owner.cancel(call);
        }
    }

    /** Lets go of everything. Cancels the call unless its last frame was handed out or it has failed. */
    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            cancel();
            fetched = Collections.emptyIterator();
            new UngroupedConsumer(consumer).close();
        } finally {
            lock.unlock();
        }
        owner.closed(this);
    }

    /** Ends the call without an answer. */
    void fail(ClientException e) {
        failure = e;
    }

    int framesSoFar() {
        return next;
    }

    private void requireWell() {
        ClientException known = failure;
        if (known != null) {
            throw known;
        }
        if (closing) {
            throw new ClosedException("the stream of call " + callId() + " is closed", null);
        }
    }

    /** Asks the broker for more; false if nothing came. */
    private boolean fetch(Duration atMost) throws InterruptedException {
        try {
            fetched = consumer.poll(atMost).iterator();
        } catch (WakeupException e) {
            requireWell();
        } catch (InterruptException e) {
            Thread.interrupted();
            throw new InterruptedException(e.getMessage());
        } catch (OffsetOutOfRangeException e) {
            throw failed(new UnreadableReplyException(
                    "frame " + next + " of call " + callId() + " is gone from " + partition
                            + ": the topic's retention is shorter than this reader is slow; lengthen it, or read faster",
                    e));
        } catch (KafkaException e) {
            throw failed(
                    new UnreachableException("reading replies from " + partition + " failed: " + e.getMessage(), e));
        }
        if (!fetched.hasNext()) {
            giveUpIfOverdue();
            return false;
        }
        return true;
    }

    /** The frame that is next, or null for any other record. */
    private @Nullable ToolReply taken(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
        if (record.key() == null || !new String(record.key(), StandardCharsets.UTF_8).equals(callId())) {
            return null;
        }
        ToolReply frame;
        try {
            frame = codec.decode(partition.topic(), record.value()).value();
        } catch (RegistryUnavailableException e) {
            fetched = Collections.emptyIterator();
            consumer.seek(partition, record.offset());
            Thread.sleep(REGISTRY_PAUSE);
            return null;
        } catch (DecodeException e) {
            throw failed(new UnreadableReplyException(
                    "the reply to call " + callId() + " at " + partition + " offset " + record.offset()
                            + " cannot be read: " + e.getMessage(),
                    e));
        }
        heardNanos = System.nanoTime();
        if (frame.getFrame() < next) {
            return null;
        }
        if (frame.getFrame() > next) {
            // Frames of a call stand in one partition in their order, so this one was lost.
            throw failed(new UnreadableReplyException(
                    "frame " + next + " of call " + callId() + " is missing: frame " + frame.getFrame() + " stands at "
                            + partition + " offset " + record.offset() + " without it",
                    null));
        }
        next++;
        ended = frame.getLast();
        return frame;
    }

    /** Only when nothing more is there to read: who reads slowly may well read after the call's deadline. */
    private void giveUpIfOverdue() {
        long overdueNanos = System.nanoTime() - Math.max(startedNanos + timeout.toNanos(), heardNanos);
        if (overdueNanos <= grace.toNanos()) {
            return;
        }
        Diagnosis diagnosis = owner.diagnose(call);
        throw failed(NoReplyException.toCall(call, next, timeout, grace, diagnosis));
    }

    private ClientException failed(ClientException e) {
        failure = e;
        return e;
    }
}
