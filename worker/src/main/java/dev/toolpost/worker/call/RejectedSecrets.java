package dev.toolpost.worker.call;

import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Secrets that a vendor rejects call after call, with nothing to put in their place: for a while the calls of their connections
 * end without being sent, for longer each time, so that a batch whose secret was revoked neither takes the vendor's limit for nothing nor
 * gets the account locked. Another secret is tried at once. Thread-safe.
 */
final class RejectedSecrets {

    /** One rejection may be about one tool, or a moment of the vendor's. */
    private static final int ENOUGH = 3;

    private static final Duration FIRST_BLOCK = Duration.ofSeconds(10);
    private static final int MOST_DOUBLINGS = 5;
    private static final int MOST = 10_000;

    private final LongSupplier nanoTime;
    private final Map<String, Rejections> byConnection = new ConcurrentHashMap<>();

    /** Those in a row of one secret. */
    private record Rejections(Secret secret, int count, long blockedUntilNanos, CallOutcome outcome) {}

    RejectedSecrets(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** How a call of the connection ends without being sent; null where it may be sent. */
    @Nullable
    CallOutcome outcomeOf(StoredConnection stored) {
        if (byConnection.isEmpty()) {
            return null;
        }
        Rejections known = byConnection.get(stored.connection().id());
        return known != null && isBlocked(known) && known.secret().equals(stored.secret()) ? known.outcome() : null;
    }

    /** Notes that the vendor rejected the secret of a call, and how the call ends for it. */
    void rejected(StoredConnection stored, CallOutcome outcome) {
        if (byConnection.size() >= MOST) {
            byConnection.clear();
        }
        byConnection.compute(stored.connection().id(), (id, known) -> {
            if (known == null || !known.secret().equals(stored.secret())) {
                return new Rejections(stored.secret(), 1, nanoTime.getAsLong(), outcome);
            }
            if (isBlocked(known)) {
                return known;
            }
            int count = known.count() + 1;
            long block = count < ENOUGH ? 0 : FIRST_BLOCK.toNanos() << Math.min(count - ENOUGH, MOST_DOUBLINGS);
            return new Rejections(stored.secret(), count, nanoTime.getAsLong() + block, outcome);
        });
    }

    /** Notes that the vendor took the secret of a connection. */
    void accepted(StoredConnection stored) {
        if (!byConnection.isEmpty()) {
            byConnection.remove(stored.connection().id());
        }
    }

    private boolean isBlocked(Rejections known) {
        return nanoTime.getAsLong() - known.blockedUntilNanos() < 0;
    }
}
