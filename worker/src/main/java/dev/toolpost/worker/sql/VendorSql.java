package dev.toolpost.worker.sql;

import dev.toolpost.worker.http.DeadlineWatch;
import dev.toolpost.worker.http.VendorAddresses;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Sends statements to databases, each in a transaction of its own. A transaction blocks its (virtual) thread and ends by its deadline
 * whatever the server does: name lookup, connecting, login, waiting for a connection, and every row count against it.
 *
 * <p>Connections are kept for each connection record and version of its credential; what is unused is closed after a while. A failure says
 * whether the server can have changed anything. Thread-safe.
 */
public final class VendorSql implements AutoCloseable {

    private static final long LONGEST_EXCHANGE_NANOS = TimeUnit.DAYS.toNanos(8);
    private static final Duration BETWEEN_CLEANINGS = Duration.ofSeconds(5);

    private final VendorSqlSettings settings;
    private final DriverConnections connections;
    private final DeadlineWatch deadlines = new DeadlineWatch();
    private final Map<String, SqlPool> pools = new ConcurrentHashMap<>();
    private final Thread cleaner;

    public VendorSql(VendorSqlSettings settings) {
        this.settings = settings;
        this.connections = new DriverConnections(
                new VendorAddresses(settings.addresses(), settings.lookup()), settings.connectTimeout());
        this.cleaner = Thread.ofVirtual().name("sql-idle").start(this::clean);
    }

    /**
     * Executes a statement in a transaction of its own.
     *
     * @param deadlineNanos when it must be over, in nanoseconds of {@link System#nanoTime()}
     */
    public SqlOutcome execute(SqlRequest request, long deadlineNanos) {
        long startNanos = System.nanoTime();
        long latest = startNanos + LONGEST_EXCHANGE_NANOS;
        long deadline = deadlineNanos - latest > 0 ? latest : deadlineNanos;
        SqlPool pool = pool(request.database());
        SqlPool.Pooled pooled;
        try {
            pooled = pool.take(deadline);
        } catch (NotOpenedException notOpened) {
            return new SqlOutcome.NotSent(notOpened.why(), notOpened.reason(), since(startNanos));
        } catch (SQLException refused) {
            return new SqlOutcome.Failed(SqlError.of(refused, null, false), true, false, since(startNanos));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new SqlOutcome.NotSent(SqlOutcome.NotSentCause.DEADLINE, "interrupted", since(startNanos));
        }
        if (pooled == null) {
            return new SqlOutcome.NotSent(
                    SqlOutcome.NotSentCause.DEADLINE,
                    "the deadline passed before a connection was free",
                    since(startNanos));
        }
        SqlTransaction transaction =
                new SqlTransaction(pooled.connection(), request, settings.maxBodyBytes(), startNanos, deadline);
        deadlines.start(transaction);
        try {
            return transaction.run();
        } finally {
            deadlines.end(transaction);
            pool.giveBack(pooled, transaction.leavesUsable());
        }
    }

    private SqlPool pool(SqlRequest.Database database) {
        SqlPool[] replaced = new SqlPool[1];
        SqlPool pool = pools.compute(database.connection(), (name, known) -> {
            if (known != null && known.isOf(database)) {
                return known;
            }
            replaced[0] = known;
            return new SqlPool(database, connections, settings);
        });
        if (replaced[0] != null) {
            replaced[0].close();
        }
        return pool;
    }

    private void clean() {
        try {
            while (true) {
                TimeUnit.NANOSECONDS.sleep(Math.min(
                        BETWEEN_CLEANINGS.toNanos(), settings.idleTimeout().toNanos()));
                long now = System.nanoTime();
                pools.values().forEach(pool -> pool.closeIdle(now));
                pools.values().removeIf(pool -> pool.isAbandoned(now, settings.connectionsPerDatabase()));
            }
        } catch (InterruptedException closed) {
            // Nothing is left to clean.
        }
    }

    /** Connections that are open now, in use or not. */
    public int open() {
        return pools.values().stream()
                .mapToInt(pool -> pool.open(settings.connectionsPerDatabase()))
                .sum();
    }

    private static Duration since(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    @Override
    public void close() {
        cleaner.interrupt();
        pools.values().forEach(SqlPool::close);
        pools.clear();
        deadlines.close();
        connections.close();
    }
}
