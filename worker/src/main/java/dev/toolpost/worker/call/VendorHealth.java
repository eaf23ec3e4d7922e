package dev.toolpost.worker.call;

import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.retry.CircuitBreaker;
import dev.toolpost.worker.retry.RetryBudget;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Circuit breaker and retry budget of each server of a vendor in this worker: where every customer has an instance of his own, one
 * that is down holds back nobody else's calls. Thread-safe.
 */
final class VendorHealth {

    private final LongSupplier nanoTime;
    private static final int MOST_SERVERS = 10_000;

    private final Map<String, Server> servers = new ConcurrentHashMap<>();

    VendorHealth(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Whether an attempt may be made. */
    sealed interface Admission {
        record Admitted(Pass pass) implements Admission {}

        /** The server's breaker is open for so long. */
        record Refused(Duration remaining) implements Admission {}
    }

    /** An attempt under way; closed without an end, nothing follows from it. */
    final class Pass implements AutoCloseable {
        private final CircuitBreaker.Pass pass;

        private Pass(CircuitBreaker.Pass pass) {
            this.pass = pass;
        }

        /** Tells how it ended. */
        void ended(Verdict verdict) {
            long now = nanoTime.getAsLong();
            switch (verdict) {
                case Verdict.Retryable held
                when held.error().code() == ErrorCode.CONFLICT || held.error().code() == ErrorCode.REJECTED ->
                    pass.succeeded(now);
                case Verdict.Retryable failed -> pass.failed(now);
                case Verdict.Failed failed when failed.error().code() == ErrorCode.UNAVAILABLE -> pass.failed(now);
                case Verdict.Failed failed when failed.provablyNotProcessed() -> pass.unused(now);
                case Verdict.Throttled throttled -> pass.unused(now);
                case Verdict.Moved moved -> pass.succeeded(now);
                case Verdict.Success success -> pass.succeeded(now);
                case Verdict.Failed refused -> pass.succeeded(now);
                case Verdict.CredentialRejected rejected -> pass.succeeded(now);
            }
        }

        @Override
        public void close() {
            pass.unused(nanoTime.getAsLong());
        }
    }

    Admission admit(String vendor, String server, boolean firstAttempt) {
        Server state = of(vendor, server);
        long now = nanoTime.getAsLong();
        return switch (state.breaker.tryPass(now)) {
            case CircuitBreaker.Admission.Admitted(CircuitBreaker.Pass pass) -> {
                if (firstAttempt) {
                    state.budget.callStarted();
                }
                yield new Admission.Admitted(new Pass(pass));
            }
            case CircuitBreaker.Admission.Refused(long untilNanos) ->
                new Admission.Refused(Duration.ofNanos(Math.max(0, untilNanos - now)));
        };
    }

    boolean mayRetry(String vendor, String server) {
        return of(vendor, server).budget.tryRetry(nanoTime.getAsLong());
    }

    /** Where the breakers are, by vendor and server. */
    Map<String, String> positionNames() {
        Map<String, String> positions = new TreeMap<>();
        servers.forEach(
                (name, server) -> positions.put(name, server.breaker.position().name()));
        return positions;
    }

    /** How many servers are in which position, by vendor: servers' names may tell who a customer is. */
    Map<String, Map<String, Integer>> positionsByVendor() {
        Map<String, Map<String, Integer>> counts = new TreeMap<>();
        servers.forEach((name, server) -> counts.computeIfAbsent(
                        name.substring(0, name.indexOf(' ')), absent -> new TreeMap<>())
                .merge(server.breaker.position().name(), 1, Integer::sum));
        return counts;
    }

    private Server of(String vendor, String server) {
        if (servers.size() >= MOST_SERVERS) {
            servers.values().removeIf(each -> each.breaker.position() == CircuitBreaker.Position.CLOSED);
        }
        return servers.computeIfAbsent(
                vendor + " " + server,
                absent -> new Server(
                        new CircuitBreaker(CircuitBreaker.Settings.DEFAULT), new RetryBudget(nanoTime.getAsLong())));
    }

    private record Server(CircuitBreaker breaker, RetryBudget budget) {}
}
