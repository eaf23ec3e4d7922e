package dev.toolpost.worker.call;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the pages of all turns of a worker weigh until their frames are committed. Above the bound turns end with the page they
 * have, whatever {@link TurnBounds} says. Thread-safe.
 */
public final class TurnMemory {

    private final long mostBytes;
    private final AtomicLong held = new AtomicLong();

    TurnMemory(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** An eighth of the heap. */
    public static TurnMemory ofHeap() {
        return new TurnMemory(Runtime.getRuntime().maxMemory() / 8);
    }

    /** Takes note of bytes held; false where that is more than there should be. */
    boolean hold(long bytes) {
        return held.addAndGet(bytes) <= mostBytes;
    }

    void release(long bytes) {
        held.addAndGet(-bytes);
    }

    public long held() {
        return held.get();
    }
}
