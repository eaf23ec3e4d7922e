package dev.toolpost.worker.memory;

import java.util.concurrent.atomic.AtomicLong;

/** A part of the heap that all pools of a worker share, counted in bytes by who uses it. It refuses nothing: who is told that it is short stops taking more. Thread-safe. */
public final class HeapPart {

    private final long most;
    private final AtomicLong held = new AtomicLong();

    /** @param most bytes that it has */
    public HeapPart(long most) {
        this.most = most;
    }

    /**
     * Takes note of bytes held.
     *
     * @return false where that is more than there should be
     */
    public boolean hold(long bytes) {
        return held.addAndGet(bytes) <= most;
    }

    public void release(long bytes) {
        held.addAndGet(-bytes);
    }

    /** Bytes that are held. */
    public long held() {
        return held.get();
    }

    /** Bytes that it has. */
    public long most() {
        return most;
    }

    /** Whether nothing more should be held. */
    public boolean isFull() {
        return held.get() >= most;
    }
}
