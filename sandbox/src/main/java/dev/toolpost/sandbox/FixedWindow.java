package dev.toolpost.sandbox;

/** A count that starts again at every multiple of the window's length since 1970: minutes, hours and days of UTC. Not thread-safe. */
final class FixedWindow implements Window {

    private int permits;
    private final long windowMillis;
    private long window = Long.MIN_VALUE;
    private int used;

    FixedWindow(int permits, long windowMillis) {
        this.permits = permits;
        this.windowMillis = windowMillis;
    }

    @Override
    public boolean hasRoom(Moment now, int cost) {
        long current = Math.floorDiv(now.millis(), windowMillis);
        if (current != window) {
            window = current;
            used = 0;
        }
        return used + cost <= permits;
    }

    @Override
    public void take(Moment now, int cost) {
        used += cost;
    }

    @Override
    public void allow(int newPermits) {
        permits = newPermits;
    }

    @Override
    public Room room(Moment now, int cost) {
        return new Room(Math.max(0, permits - used), (window + 1) * windowMillis - now.millis());
    }
}
