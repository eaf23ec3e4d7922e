package dev.toolpost.worker.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of one connection record: the caller who finds none makes one on its own thread, within its own deadline, and sees
 * its own error. Thread-safe.
 */
final class SqlPool implements AutoCloseable {

    private static final int VALIDATION_SECONDS = 2;

    private final SqlRequest.Database database;
    private final Opening opening;
    private final Semaphore places;
    private final long idleNanos;
    private final long lifeNanos;
    private final long validateNanos;
    private final Deque<Pooled> idle = new ConcurrentLinkedDeque<>();
    private volatile long usedAtNanos = System.nanoTime();
    private volatile boolean closed;

    /** Makes a connection. */
    interface Opening {
        Connection open(SqlRequest.Database database, long untilNanos) throws SQLException, NotOpenedException;
    }

    /** A connection of the pool. */
    record Pooled(Connection connection, long openedAtNanos, long usedAtNanos) {
        void close() {
            try {
                connection.close();
            } catch (SQLException gone) {
                // It was to be closed.
            }
        }
    }

    SqlPool(SqlRequest.Database database, Opening opening, VendorSqlSettings settings) {
        this.database = database;
        this.opening = opening;
        this.places = new Semaphore(settings.connectionsPerDatabase());
        this.idleNanos = settings.idleTimeout().toNanos();
        this.lifeNanos = settings.longestLife().toNanos();
        this.validateNanos = settings.validateAfter().toNanos();
    }

    boolean isOf(SqlRequest.Database other) {
        return database.equals(other);
    }

    /** A connection that is nobody else's until it is given back; null where none was free in time. */
    @Nullable
    Pooled take(long untilNanos) throws SQLException, NotOpenedException, InterruptedException {
        usedAtNanos = System.nanoTime();
        if (!places.tryAcquire(Math.max(0, untilNanos - System.nanoTime()), TimeUnit.NANOSECONDS)) {
            return null;
        }
        boolean taken = false;
        try {
            Pooled pooled = idleOne();
            if (pooled == null) {
                long now = System.nanoTime();
                pooled = new Pooled(opening.open(database, untilNanos), now, now);
            }
            taken = true;
            return pooled;
        } finally {
            if (!taken) {
                places.release();
            }
        }
    }

    private @Nullable Pooled idleOne() {
        Pooled pooled = idle.pollFirst();
        while (pooled != null) {
            if (isUsable(pooled)) {
                return pooled;
            }
            pooled.close();
            pooled = idle.pollFirst();
        }
        return null;
    }

    private boolean isUsable(Pooled pooled) {
        long now = System.nanoTime();
        try {
            return now - pooled.openedAtNanos() < lifeNanos
                    && (now - pooled.usedAtNanos() < validateNanos
                            || pooled.connection().isValid(VALIDATION_SECONDS));
        } catch (SQLException broken) {
            return false;
        }
    }

    /** @param usable whether the next one may have it */
    void giveBack(Pooled pooled, boolean usable) {
        if (usable && !closed) {
            idle.addFirst(new Pooled(pooled.connection(), pooled.openedAtNanos(), System.nanoTime()));
            if (closed) {
                closeIdle(System.nanoTime() + idleNanos);
            }
        } else {
            pooled.close();
        }
        usedAtNanos = System.nanoTime();
        places.release();
    }

    /** Closes what was unused for long. */
    void closeIdle(long nowNanos) {
        Pooled oldest = idle.peekLast();
        while (oldest != null && nowNanos - oldest.usedAtNanos() >= idleNanos) {
            if (idle.removeLastOccurrence(oldest)) {
                oldest.close();
            }
            oldest = idle.peekLast();
        }
    }

    /** Whether nothing is open, and nothing was asked for a while. */
    boolean isAbandoned(long nowNanos, int allPlaces) {
        return idle.isEmpty() && places.availablePermits() == allPlaces && nowNanos - usedAtNanos >= idleNanos;
    }

    int open(int allPlaces) {
        return idle.size() + allPlaces - places.availablePermits();
    }

    /** Closes what nobody uses now; the rest when it is given back. */
    @Override
    public void close() {
        closed = true;
        for (Pooled pooled = idle.pollFirst(); pooled != null; pooled = idle.pollFirst()) {
            pooled.close();
        }
    }
}
