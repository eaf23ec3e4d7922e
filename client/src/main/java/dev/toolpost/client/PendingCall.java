package dev.toolpost.client;

import dev.toolpost.message.ToolReply;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A call on its way. Takes the first frame of each number, stops at the first that is the last, and ignores what comes
 * later: a worker that died half-way may repeat frames. Frames stay in memory until the call is let go of; for answers that may be long, a whole
 * traversal for instance, there is {@link ToolpostClient#stream}. Thread-safe.
 */
public final class PendingCall {
    private final Outgoing call;
    private final Consumer<Outgoing> canceller;
    private final CompletableFuture<Reply> reply = new CompletableFuture<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Guarded by {@link #lock}, as all below. */
    private final List<ToolReply> frames = new ArrayList<>();

    private final Set<Integer> numbers = new HashSet<>();
    private @Nullable Reply whole;
    private @Nullable ClientException failure;

    PendingCall(Outgoing call, Consumer<Outgoing> canceller) {
        this.call = call;
        this.canceller = canceller;
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
     * The whole answer, an error that a worker answered with included. Ends exceptionally with a {@link ClientException} when
     * the call could not be published, nobody answered in time, or the client was closed. Completing or cancelling the
     * future changes nothing about the call; for that there is {@link #cancel()}.
     */
    public CompletableFuture<Reply> reply() {
        return reply.copy();
    }

    /**
     * Waits for the whole answer.
     *
     * @throws ClientException if the call could not be published or was not answered
     */
    public Reply await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (whole == null && failure == null) {
                changed.await();
            }
            if (whole == null) {
                throw Objects.requireNonNull(failure);
            }
            return whole;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The frames one by one as they arrive, from the first, each once. The stream waits for the next frame, ends after the
     * last and throws the {@link ClientException} of a call that fails. Every call of this method starts anew.
     */
    public Stream<ToolReply> frames() {
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(new Frames(), Spliterator.ORDERED | Spliterator.NONNULL), false);
    }

    /**
     * Asks for the call to be cancelled. The answer then ends with {@code CANCELLED}, unless it was complete before or the
     * request is past recall.
     */
    public void cancel() {
        if (!isDone()) {
            canceller.accept(call);
        }
    }

    Outgoing outgoing() {
        return call;
    }

    public boolean isDone() {
        lock.lock();
        try {
            return whole != null || failure != null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a frame in; the whole reply if this was what was missing.
     *
     * @param beforeWhole run before anybody who waits learns that the reply is whole
     */
    @Nullable
    Reply accept(ToolReply frame, Map<String, String> headers, Runnable beforeWhole) {
        lock.lock();
        try {
            if (whole != null || failure != null || !numbers.add(frame.getFrame())) {
                return null;
            }
            frames.add(frame);
            if (frame.getLast()) {
                List<ToolReply> ordered = new ArrayList<>(frames);
                ordered.sort(Comparator.comparingInt(ToolReply::getFrame));
                beforeWhole.run();
                whole = new Reply(callId(), ordered, headers);
            }
            changed.signalAll();
            return whole;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the call without an answer; false if it has ended already. */
    boolean fail(ClientException e) {
        lock.lock();
        try {
            if (whole != null || failure != null) {
                return false;
            }
            failure = e;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Completes {@link #reply()}; dependents run on the calling thread. */
    void complete(Reply answer) {
        reply.complete(answer);
    }

    void completeExceptionally(ClientException e) {
        reply.completeExceptionally(e);
    }

    int framesSoFar() {
        lock.lock();
        try {
            return frames.size();
        } finally {
            lock.unlock();
        }
    }

    private final class Frames implements Iterator<ToolReply> {
        private int next;

        @Override
        public boolean hasNext() {
            lock.lock();
            try {
                while (next >= frames.size() && whole == null && failure == null) {
                    changed.await();
                }
                if (next < frames.size()) {
                    return true;
                }
                if (failure != null) {
                    throw failure;
                }
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ClosedException("interrupted while waiting for a frame of call " + callId(), e);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public ToolReply next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            lock.lock();
            try {
                return frames.get(next++);
            } finally {
                lock.unlock();
            }
        }
    }
}
