package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.worker.ratelimit.shared.SharedPermits;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import java.time.Duration;
import java.util.PriorityQueue;

/** A strict window that all workers share, each answer a millisecond or more away: what a permit counts for, until one window after the end of its request. One thread only. */
final class StrictLog implements SharedPermits, SharedPermitsSource {

    private static final long MILLISECOND = 1_000_000;

    private final ManualTime time;
    private final int permits;
    private final long windowNanos;
    private final PriorityQueue<Long> returns = new PriorityQueue<>();
    private int out;
    private int allowed;
    private int lastSeen;

    StrictLog(ManualTime time, Limit limit, long windowNanos) {
        this.time = time;
        this.permits = limit.permits();
        this.windowNanos = windowNanos + 2 * MILLISECOND;
        this.allowed = permits;
        this.lastSeen = permits;
    }

    private int free() {
        while (!returns.isEmpty() && returns.element() <= time.getAsLong()) {
            returns.remove();
        }
        return allowed - out - returns.size();
    }

    private void count(int count) {
        for (int i = 0; i < count; i++) {
            returns.add(time.getAsLong() + windowNanos);
        }
    }

    @Override
    public int most() {
        return allowed;
    }

    @Override
    public void ask(int least, int count, int leave, Answer answer) {
        time.after(MILLISECOND, () -> {
            int there = Math.min(count, free() - leave);
            if (there >= least) {
                out += there;
            }
            lastSeen = Math.max(0, free());
            time.after(MILLISECOND, () -> {
                if (there >= least) {
                    answer.granted(there);
                } else {
                    answer.none(Duration.ofMillis(20), Duration.ofMillis(20));
                }
            });
        });
    }

    @Override
    public int lastSeen() {
        return lastSeen;
    }

    @Override
    public void giveBack(int count) {
        time.after(MILLISECOND, () -> out -= count);
    }

    @Override
    public void ended(int count, Duration in) {
        time.after(in.toNanos() + MILLISECOND, () -> {
            out -= count;
            count(count);
        });
    }

    @Override
    public Duration keepsFor() {
        return Duration.ofMillis(500);
    }

    @Override
    public void renew(int held, int count, Duration heldFor, Answer answer) {
        giveBack(held);
        ask(count, count, 0, answer);
    }

    @Override
    public void spend(int count) {
        time.after(MILLISECOND, () -> count(count));
    }

    @Override
    public void drainTo(long left) {
        time.after(MILLISECOND, () -> count((int) Math.max(0, free() - left)));
    }

    @Override
    public void allow(int count) {
        time.after(MILLISECOND, () -> allowed = Math.min(count, permits));
    }

    @Override
    public void close() {}

    @Override
    public SharedPermits permits(String vendor, Limit limit) {
        return this;
    }

    @Override
    public boolean isUp() {
        return true;
    }

    @Override
    public boolean sharesWhenDown() {
        return true;
    }
}
