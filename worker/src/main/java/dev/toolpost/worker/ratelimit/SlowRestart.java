package dev.toolpost.worker.ratelimit;

/**
 * After a vendor asked for patience, requests come back one at first, and one more with each of them that was answered: twice as many with
 * every round trip. So a pause that was too short costs one rejection and not a burst of them. What was under way when it began does not
 * count. Guarded by the limiter's lock.
 */
final class SlowRestart {

    /** Nobody has so many requests under way that a vendor would notice the difference. */
    private static final int OVER = 128;

    private static final int OFF = 0;

    private int most = OFF;
    private int underWay;
    private int restarts;

    boolean allows() {
        return most == OFF || underWay < most;
    }

    /** A request goes; answers with what {@link #settled} is to be told of it. */
    int granted() {
        underWay++;
        return restarts;
    }

    void settled(int grantedIn, boolean answered) {
        if (grantedIn != restarts) {
            return;
        }
        underWay--;
        if (answered && most != OFF && ++most >= OVER) {
            most = OFF;
        }
    }

    void begin() {
        restarts++;
        underWay = 0;
        most = 1;
    }
}
