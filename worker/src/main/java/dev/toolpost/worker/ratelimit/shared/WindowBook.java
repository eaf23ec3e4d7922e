package dev.toolpost.worker.ratelimit.shared;

import dev.toolpost.worker.ratelimit.shared.OwnGrants.Telling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one worker knows of a shared window, what it says to the server and what it takes from its answers. Pure; not thread-safe.
 *
 * <p>The server goes by the definition that was announced last, and by what any worker heard that the vendor allows for now; each answer says both.
 */
final class WindowBook {

    private static final int NOTHING = -1;
    private static final int PARTS_FROM = 7;
    private static final int NUMBERS_OF_A_PART = 3;
    private static final long LEAST_PATIENCE_NANOS = 20_000_000;

    private final SharedWindow window;
    private final String worker;
    private final long longestRoundNanos;
    private final OwnGrants grants = new OwnGrants();
    private final LogClock clock;

    private long rounds;
    private long heardAt;
    private long lastRoundNanos;

    private boolean announced;
    private long version;
    private long definedPermits;
    private long allowedPermits;
    private long windowMicros;

    private int allows = NOTHING;
    private int drainTo = NOTHING;
    private int spent;

    private int left = NOTHING;

    /**
     * One round: what is said, and what was taken along to be said.
     *
     * @param arguments of {@link Script#STRICT_WINDOW}
     */
    record Request(
            List<String> arguments,
            String id,
            List<Ask> asks,
            List<Telling> tellings,
            int allows,
            int spent,
            long sentAtNanos) {}

    /**
     * @param worker names this book at the server, and no other
     * @param longestRound for which an answer is waited for
     */
    WindowBook(SharedWindow window, String worker, Duration longestRound) {
        this.window = window;
        this.worker = worker;
        this.longestRoundNanos = longestRound.toNanos();
        this.clock = new LogClock(window.window());
        this.definedPermits = window.permits();
        this.allowedPermits = window.permits();
        this.windowMicros = micros(window.window());
    }

    private static long micros(Duration time) {
        return Math.ceilDiv(time.toNanos(), 1_000);
    }

    int allowed() {
        return Math.toIntExact(allowedPermits);
    }

    /** Free when the server was asked last, or -1. */
    int left() {
        return left;
    }

    void unused(int count, long now) {
        grants.unused(count, now);
    }

    void ended(int count, long now) {
        grants.ended(count, now);
    }

    /**
     * Permits that were granted so long ago at most are not used. Where a request of theirs could not have arrived in time any more they free nothing: what they counted for may
     * have been told as the end of another by now, which came later.
     */
    void release(int count, Duration heldFor, long now) {
        if (heldFor.toNanos() + longestRoundNanos <= window.grantToArrival().toNanos()) {
            grants.unused(count, now);
        } else {
            grants.ended(count, now);
        }
    }

    void spend(int count) {
        spent = Math.min(spent + count, window.permits());
    }

    void drainTo(long most) {
        int count = (int) Math.clamp(most, 0L, window.permits());
        drainTo = drainTo == NOTHING ? count : Math.min(drainTo, count);
    }

    void allow(int permits) {
        int count = (int) Math.clamp(permits, 1L, Math.max(definedPermits, window.permits()));
        allows = count == allowedPermits ? NOTHING : count;
    }

    /** The server is another, or remembers nothing: what it granted is not to be told there. */
    void forget() {
        clock.forget();
        grants.forgetAll();
        left = NOTHING;
    }

    @Nullable
    Duration newsIn(long now) {
        if (allows != NOTHING || drainTo != NOTHING || spent > 0) {
            return Duration.ZERO;
        }
        long in = grants.newsIn(window.newsWait().toNanos(), now);
        return in < 0 ? null : Duration.ofNanos(in);
    }

    /** @param memory for how long the server has surely known everything */
    Request ask(List<Ask> asks, Duration memory, long now) {
        long counts = window.counts().toNanos();
        grants.forget(counts, now);
        boolean knowsMemory = clock.memory() != 0;
        boolean knowsWhatCounts = knowsMemory && now - heardAt <= counts;
        Duration unknown = window.counts().minus(memory);
        String id = worker + ":" + Long.toString(++rounds, Character.MAX_RADIX);
        List<Telling> tellings = grants.tell(now);

        List<String> said = new ArrayList<>(24 + 4 * tellings.size() + 3 * asks.size());
        said.add(worker);
        said.add(id);
        say(said, version, definedPermits, allowedPermits, windowMicros);
        say(said, announced ? 0 : 1, allows);
        say(said, micros(window.grantToArrival()), unknown.isNegative() ? 0 : micros(unknown));
        say(said, clock.memory(), knowsWhatCounts ? 1 : 0, knowsMemory ? clock.atMost(now) : 0);
        say(said, longestRoundNanos / 1_000, patienceMicros(), micros(window.longestWait()));
        say(said, drainTo, spent);
        say(said, tellings.size());
        for (Telling each : tellings) {
            said.add(each.id());
            say(said, each.out(), each.ended(), each.agoNanos() / 1_000);
        }
        say(said, asks.size());
        for (Ask each : asks) {
            say(said, each.least(), each.count(), each.leave());
        }
        Request request = new Request(said, id, asks, tellings, allows, spent, now);
        // What answers said was left is old by the time of another round.
        drainTo = NOTHING;
        return request;
    }

    private static void say(List<String> said, long... numbers) {
        for (long each : numbers) {
            said.add(Long.toString(each));
        }
    }

    /** For so long after the time at which permits are expected this worker's turn is kept. */
    private long patienceMicros() {
        return Math.min(longestRoundNanos, LEAST_PATIENCE_NANOS + 2 * lastRoundNanos) / 1_000;
    }

    /** The server's answer: what came of each ask. */
    List<Served> heard(Request request, List<Long> answer, long now) {
        heardAt = now;
        lastRoundNanos = now - request.sentAtNanos;
        clock.shows(answer.get(1), answer.get(0), request.sentAtNanos, now);
        announced = true;
        version = answer.get(2);
        definedPermits = answer.get(3);
        allowedPermits = answer.get(4);
        windowMicros = answer.get(5);
        left = Math.toIntExact(Math.max(0, answer.get(6)));
        grants.told(request.tellings, now);
        if (allows == request.allows) {
            allows = NOTHING;
        }
        spent -= request.spent;

        List<Served> served = new ArrayList<>(request.asks.size());
        int granted = 0;
        for (int i = 0; i < request.asks.size(); i++) {
            int place = PARTS_FROM + NUMBERS_OF_A_PART * i;
            int part = Math.toIntExact(answer.get(place));
            granted += part;
            served.add(
                    part > 0
                            ? Served.granted(part)
                            : Served.none(
                                    Duration.ofNanos(answer.get(place + 1) * 1_000),
                                    Duration.ofNanos(answer.get(place + 2) * 1_000)));
        }
        // Counted from when it was asked for: so it is forgotten here no later than there.
        grants.granted(request.id, granted, request.sentAtNanos);
        return served;
    }

    /** Nobody knows what became of it: what it may have granted is given back when the server is asked next. */
    void lost(Request request, long now) {
        grants.perhapsGranted(request.id, now);
    }
}
