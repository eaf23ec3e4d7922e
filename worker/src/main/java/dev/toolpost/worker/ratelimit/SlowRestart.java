package dev.toolpost.worker.ratelimit;

/**
 * After a vendor asked for patience, requests come back one at first, and one more with each that was answered: twice as many with every
 * round trip. So a pause that was too short costs one rejection and not a burst of them. Guarded by the limiter's lock.
 */
final class SlowRestart {

    /** Nobody has so many requests under way that a vendor would notice the difference. */
    private static final int OVER = 128;

    private static final int OFF = 0;

    private int most = OFF;
    private int underWay;

    boolean allows() {
        return most == OFF || underWay < most;
    }

    void granted() {
        underWay++;
    }

    void settled(boolean answered) {
        underWay--;
        if (answered && most != OFF && ++most >= OVER) {
            most = OFF;
        }
    }

    void begin() {
        most = 1;
    }
}
