package dev.toolpost.worker.call;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The bound in flight of one connection. Parked calls that want a place stand in line, and a place that is left goes to the first of them
 * before anybody else can take it. Thread-safe.
 */
final class Places {

    private final int all;
    private final Semaphore free;
    private final Queue<Parked> line = new ConcurrentLinkedQueue<>();

    Places(int all) {
        this.all = all;
        this.free = new Semaphore(all);
    }

    boolean tryTake() {
        return line.isEmpty() && free.tryAcquire();
    }

    boolean tryTake(long waitMillis) throws InterruptedException {
        return free.tryAcquire(waitMillis, TimeUnit.MILLISECONDS);
    }

    /** Gives a place back, or on to the first in line. */
    void leave() {
        free.release();
        serve();
    }

    /** Stands in line; the call is parked already. */
    void standInLine(Parked call) {
        line.add(call);
        serve();
    }

    private void serve() {
        while (!line.isEmpty() && free.tryAcquire()) {
            Parked next = line.poll();
            while (next != null && !next.wakeWith(this)) {
                next = line.poll();
            }
            if (next == null) {
                free.release();
            }
        }
    }

    /** Whether nobody has a place or waits for one. */
    boolean isUnused() {
        return free.availablePermits() == all && line.isEmpty();
    }
}
