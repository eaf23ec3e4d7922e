package dev.toolpost.worker.ratelimit;

/**
 * Permits of a long window that were made durable as spent before anybody spends them, so that whoever takes over after a crash
 * counts them. Guarded by the limiter's lock.
 */
final class Reservation {

    /** A crash loses so many permits of a window at the most, and half of that again. */
    private static final int CHUNKS_PER_WINDOW = 100;

    private final int chunk;
    private long credit;
    private long wanted;

    /** What is on its way to be durable and may be spent then; 0 for nothing. */
    private long underWay;

    Reservation(int permits) {
        this.chunk = Math.max(1, permits / CHUNKS_PER_WINDOW);
    }

    /** Whether so many permits may be spent now; where they may not, remembers to ask for them. */
    boolean covers(int cost) {
        if (credit >= cost) {
            return true;
        }
        wanted = Math.max(wanted, cost);
        return false;
    }

    /** What an answer has cost beyond its permits may not have been durable: it is owed then. */
    void take(long cost) {
        credit -= cost;
    }

    void giveBack(long cost) {
        credit += cost;
    }

    /** What is durable as spent less what was spent. */
    long credit() {
        return credit;
    }

    long underWay() {
        return underWay;
    }

    /** The window began anew: what was durable counts no more, and of the new one so much is spent already. */
    void beginAnew(long spent) {
        credit = -spent;
        underWay = 0;
    }

    /** How many permits are to be made durable next; 0 for none now. */
    long next(long free) {
        if (underWay > 0 || (wanted <= credit && credit * 2 > chunk)) {
            return 0;
        }
        return Math.max(0, Math.min(Math.max(chunk, wanted - credit), free - credit));
    }

    void begin(long count) {
        underWay = count;
    }

    void end(boolean durable) {
        if (durable) {
            credit += underWay;
        }
        underWay = 0;
        wanted = 0;
    }

    /** What counts as spent for whoever takes over, though it may not have been. */
    long ahead() {
        return credit + underWay;
    }
}
