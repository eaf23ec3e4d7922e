package dev.toolpost.worker.vault;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether Vault answers. While it does not, one request at a time tries, after pauses that grow and differ from process
 * to process; all others wait for how that ends. Once an outage lasts longer than anybody waits, nobody waits any more.
 * Thread-safe.
 */
final class Availability {

    private static final Logger log = LoggerFactory.getLogger(Availability.class);

    private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(50).toNanos();
    private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(3).toNanos();
    private static final Duration LONGEST_WISH = Duration.ofSeconds(30);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private final Duration patience;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final Pause pause;

    private @Nullable Outage outage;

    /** The tries of one outage. */
    private static final class Outage {
        private final long sinceNanos;
        private String why = "";
        private int failures;
        private long nextTryNanos;
        private boolean trying;

        Outage(long sinceNanos) {
            this.sinceNanos = sinceNanos;
        }
    }

    /** A request that may be sent: what it met has to be told, once. */
    final class Try {
        private final @Nullable Outage during;

        private Try(@Nullable Outage during) {
            this.during = during;
        }

        void succeeded() {
            Availability.this.succeeded();
        }

        void failed(VaultTrouble trouble) {
            Availability.this.failed(during, trouble);
        }

        /** It was not sent after all. */
        void abandoned() {
            Availability.this.abandoned(during);
        }
    }

    Availability(Duration patience, LongSupplier nanoTime, RandomGenerator random, Pause pause) {
        this.patience = patience;
        this.nanoTime = nanoTime;
        this.random = random;
        this.pause = pause;
    }

    /** Waits until a request may be sent; null where that takes too long, with {@link #why}. */
    @Nullable
    Try enter(long giveUpNanos) throws InterruptedException {
        while (true) {
            Duration wait;
            synchronized (this) {
                Outage known = outage;
                long now = nanoTime.getAsLong();
                if (known == null) {
                    return new Try(null);
                }
                if (!known.trying && now - known.nextTryNanos >= 0) {
                    known.trying = true;
                    return new Try(known);
                }
                if (now - giveUpNanos >= 0 || now - known.sinceNanos >= patience.toNanos()) {
                    return null;
                }
                long nanos = known.trying ? LOOK_AGAIN.toNanos() : known.nextTryNanos - now;
                wait = Duration.ofNanos(Math.min(nanos, Math.max(1, giveUpNanos - now)));
            }
            pause.of(wait);
        }
    }

    /** What the last failure said. */
    synchronized String why() {
        Outage known = outage;
        return known == null ? "" : known.why;
    }

    private synchronized void succeeded() {
        Outage known = outage;
        if (known != null) {
            log.info("Vault answers again after {} ms", (nanoTime.getAsLong() - known.sinceNanos) / 1_000_000);
            outage = null;
        }
    }

    private synchronized void failed(@Nullable Outage during, VaultTrouble trouble) {
        if (during != outage) {
            // One of many that were under way when it began, or late news of one that is over.
            return;
        }
        Outage known = outage;
        long now = nanoTime.getAsLong();
        if (known == null) {
            known = new Outage(now);
            outage = known;
            log.warn("Vault does not answer as it should: {}", trouble.text());
        }
        long step = Math.min(LONGEST_PAUSE_NANOS, FIRST_PAUSE_NANOS << Math.min(known.failures, 16));
        long own = step / 2 + random.nextLong(step / 2 + 1);
        known.failures++;
        known.why = trouble.text();
        known.trying = false;
        known.nextTryNanos = now + Math.max(own, wish(trouble));
    }

    private static long wish(VaultTrouble trouble) {
        Duration wish = trouble.wish();
        return wish == null ? 0 : Math.min(wish.toNanos(), LONGEST_WISH.toNanos());
    }

    private synchronized void abandoned(@Nullable Outage during) {
        if (during != null && during == outage) {
            during.trying = false;
        }
    }
}
