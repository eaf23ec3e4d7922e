package dev.toolpost.worker.ratelimit.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.Feedback;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.connectors.LimitCost;
import dev.toolpost.connectors.WindowReset;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Shared limits against a real server. */
class SharedLimitsTest {

    static {
        UnloggedCommands.begin();
    }

    /** Long, for machines that are busy. */
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private static final Duration SHORT_TIMEOUT = Duration.ofMillis(300);
    private static final Duration SOON = Duration.ofSeconds(10);

    private static RedisServer server;
    private static int names;

    private final List<SharedLimits> open = new ArrayList<>();

    /** What one ask came to. */
    private sealed interface Outcome {
        record Granted(int count) implements Outcome {}

        record None(Duration next, Duration again) implements Outcome {}

        record Unreachable(String why) implements Outcome {}
    }

    private static final class Future extends CompletableFuture<Outcome> implements SharedPermits.Answer {
        private final AtomicInteger answers = new AtomicInteger();

        @Override
        public void granted(int count) {
            answers.incrementAndGet();
            complete(new Outcome.Granted(count));
        }

        @Override
        public void none(Duration next, Duration again) {
            answers.incrementAndGet();
            complete(new Outcome.None(next, again));
        }

        @Override
        public void unreachable(String why) {
            answers.incrementAndGet();
            complete(new Outcome.Unreachable(why));
        }
    }

    private static final class Events implements SharedLimits.Listener {
        private final List<String> seen = new CopyOnWriteArrayList<>();

        @Override
        public void onLost(String why) {
            seen.add("lost: " + why);
        }

        @Override
        public void onBack() {
            seen.add("back");
        }
    }

    @BeforeAll
    static void start() throws Exception {
        server = RedisServer.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @AfterEach
    void close() {
        open.forEach(SharedLimits::close);
    }

    @Test
    void workersTogetherNeverExceedALimitAndUseMostOfIt() throws Exception {
        int permits = 60;
        Duration window = Duration.ofMillis(800);
        Limit limit = sliding(permits, window);
        SharedPermits first = connected(new Events()).permits("vendor", limit);
        awaitAll(first, permits);
        first.giveBack(permits);
        ConcurrentSkipListSet<Long> times = new ConcurrentSkipListSet<>();
        long end = System.nanoTime() + Duration.ofMillis(2_400).toNanos();
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int worker = 0; worker < 4; worker++) {
                SharedPermits shared = connected(new Events()).permits("vendor", limit);
                workers.submit(() -> {
                    while (System.nanoTime() < end) {
                        switch (ask(shared, 1, 3)) {
                            case Outcome.Granted(int count) -> {
                                for (int i = 0; i < count; i++) {
                                    while (!times.add(System.nanoTime())) {}
                                }
                                shared.ended(count, Duration.ZERO);
                            }
                            case Outcome.None none ->
                                TimeUnit.NANOSECONDS.sleep(none.again().toNanos());
                            case Outcome.Unreachable(String why) -> throw new AssertionError(why);
                        }
                    }
                    return null;
                });
            }
        }

        List<Long> sorted = List.copyOf(times);
        for (int i = permits; i < sorted.size(); i++) {
            assertThat(sorted.get(i) - sorted.get(i - permits))
                    .as("from request %d to request %d", i - permits, i)
                    .isGreaterThan(window.toNanos());
        }
        double used = sorted.size() / (permits * 3.0);
        System.out.printf(Locale.ROOT, "4 clients of one limit: %.0f %% used%n", used * 100);
        assertThat(used).isGreaterThan(0.7);
    }

    @Test
    void aBucketThatTheServerForgotBeginsEmpty() throws Exception {
        Limit limit = sliding(3_100, Duration.ofSeconds(62));
        server.kill();
        server.begin();
        Events events = new Events();
        SharedLimits limits = connected(events);
        SharedPermits shared = limits.permits("vendor", limit);
        // The server is young: nobody knows what was spent before.
        assertThat(left(shared, limit)).isLessThan(60);
        Await.until("some come in", SOON, () -> left(shared, limit) > 2);
        drain(shared);

        server.kill();
        Await.until("the loss is noticed", SOON, () -> !limits.isUp());
        assertThat(ask(shared, 1, 1)).isInstanceOf(Outcome.Unreachable.class);
        server.begin();
        Await.until("it is back", SOON, limits::isUp);

        assertThat(left(shared, limit)).isLessThan(30);
        SharedPermits newcomer = connected(new Events()).permits("vendor", limit);
        assertThat(left(newcomer, limit)).isLessThan(50);
        assertThat(events.seen).hasSize(3);
        assertThat(events.seen.get(0)).isEqualTo("back");
        assertThat(events.seen.get(1)).startsWith("lost: redis://127.0.0.1:");
        assertThat(events.seen.get(2)).isEqualTo("back");
    }

    @Test
    void aFlushedServerGivesNothingAnewToThoseWhoKnewTheBucket() throws Exception {
        Limit limit = metered(400, Duration.ofSeconds(1));
        SharedPermits shared = connected(new Events()).permits("vendor", limit);
        Await.until("it has filled up", SOON, () -> left(shared, limit) >= shared.most());
        redis(connection -> {
            drain(shared);
            connection.sync().flushall();
        });
        Outcome outcome = ask(shared, shared.most(), shared.most());
        assertThat(outcome).isInstanceOf(Outcome.None.class);
    }

    @Test
    void aSilentServerIsToldInTimeAndThenCostsNothing() throws Exception {
        SharedLimits limits = limits(settings(server.uri(), null, SHORT_TIMEOUT), new Events());
        assertThat(limits.awaitFirst(SOON)).isTrue();
        SharedPermits shared = limits.permits("vendor", sliding(1_000, Duration.ofSeconds(1)));
        ask(shared, 1, 1);
        server.pause();
        try {
            long slowest = 0;
            for (int i = 0; i < SharedLimits.FAILURES_TO_LOSE; i++) {
                long began = System.nanoTime();
                assertThat(ask(shared, 1, 1)).isInstanceOf(Outcome.Unreachable.class);
                slowest = Math.max(slowest, System.nanoTime() - began);
            }
            assertThat(Duration.ofNanos(slowest)).isLessThan(SHORT_TIMEOUT.plusSeconds(5));
            assertThat(limits.isUp()).isFalse();
            long began = System.nanoTime();
            for (int i = 0; i < 1_000; i++) {
                assertThat(ask(shared, 1, 1)).isInstanceOf(Outcome.Unreachable.class);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .as("nobody waits for a time-out of %s any more", SHORT_TIMEOUT)
                    .isLessThan(SHORT_TIMEOUT.multipliedBy(100));
        } finally {
            server.resume();
        }
        Await.until("it is back", SOON, limits::isUp);
        Await.until("permits come", SOON, () -> ask(shared, 1, 1) instanceof Outcome.Granted);
    }

    @Test
    void thousandsMayAskAtOnceAndEachIsAnsweredOnce() throws Exception {
        SharedPermits shared = connected(new Events()).permits("vendor", metered(200_000, Duration.ofSeconds(10)));
        Await.until("some have come in", SOON, () -> ask(shared, 1, 1) instanceof Outcome.Granted);
        List<Future> answers = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            answers.add(new Future());
        }
        long began = System.nanoTime();
        try (ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor()) {
            answers.forEach(answer -> calls.submit(() -> {
                shared.ask(1, answer);
                return answer.get(20, TimeUnit.SECONDS);
            }));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
        assertThat(answers).allSatisfy(answer -> {
            assertThat(answer.answers).hasValue(1);
            assertThat(answer.join()).isNotInstanceOf(Outcome.Unreachable.class);
        });
        assertThat(answers)
                .filteredOn(answer -> answer.join() instanceof Outcome.Granted)
                .isNotEmpty();
    }

    @Test
    void whoNeedsSeveralGetsAllOrNothingAndHoldsUpThoseBehind() throws Exception {
        Limit limit = costly(100, Duration.ofSeconds(100), 20);
        SharedPermits shared = connected(new Events()).permits("vendor", limit);
        assertThat(shared.most()).isEqualTo(20);
        assertThatThrownBy(() -> shared.ask(21, 21, 0, new Future()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("21 to 21 (expected: at least 1, the least no more than 20)");
        Future dear = new Future();
        Future cheap = new Future();
        shared.ask(20, 20, 0, dear);
        shared.ask(20, 20, 0, cheap);
        assertThat(dear.get()).isInstanceOf(Outcome.None.class);
        Outcome.None second = (Outcome.None) cheap.get();
        // 20 of 81 in about 101 s.
        assertThat(second.next()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(26));
    }

    @Test
    void aChangedLimitKeepsTheTokensAndWorksForThoseWhoKnowTheOldOne() throws Exception {
        Limit before = metered(40, Duration.ofMillis(400));
        SharedPermits old = connected(new Events()).permits("vendor", before);
        Await.until("it has filled up", SOON, () -> left(old, before) >= 4);
        TimeUnit.MILLISECONDS.sleep(5);
        Limit more = before.with(4_000, null);
        SharedPermits changed = connected(new Events()).permits("vendor", more);
        // More may be granted now, and nothing of it is there yet.
        assertThat(ask(changed, 200, 400)).isInstanceOf(Outcome.None.class);
        Await.until("it fills up to the new capacity", SOON, () -> left(changed, more) > 40);
        assertThat(ask(old, 4, 4)).isEqualTo(new Outcome.Granted(4));
    }

    @Test
    void whatTheVendorAllowsForNowHoldsForAllWorkersUntilItAllowsTheWholeAgain() throws Exception {
        Limit limit = metered(400, Duration.ofSeconds(1));
        SharedPermits one = connected(new Events()).permits("vendor", limit);
        SharedPermits other = connected(new Events()).permits("vendor", limit);
        Await.until("it has filled up", SOON, () -> left(other, limit) >= 40);
        one.allow(40);
        Await.until(
                "the smaller bucket has filled up", SOON, () -> ask(one, 4, 4).equals(new Outcome.Granted(4)));
        assertThat(one.most()).isEqualTo(4);
        // The old capacity would be full again in a quarter of a second.
        TimeUnit.MILLISECONDS.sleep(400);
        assertThat(ask(other, 5, 40)).as("more than a tenth of 40").isInstanceOf(Outcome.None.class);
        assertThat(ask(other, 1, 40)).isInstanceOf(Outcome.Granted.class);
        one.allow(400);
        assertThat(ask(one, 1, 1)).isNotInstanceOf(Outcome.Unreachable.class);
        Await.until("it fills up to the whole capacity", SOON, () -> ask(other, 40, 40) instanceof Outcome.Granted);
    }

    @Test
    void whatIsSpentElsewhereIsOwedBeforeAnythingIsGranted() throws Exception {
        Limit limit = metered(400, Duration.ofSeconds(1));
        SharedPermits shared = connected(new Events()).permits("vendor", limit);
        Await.until("it has filled up", SOON, () -> left(shared, limit) >= 40);
        shared.spend(100);
        Outcome.None none = (Outcome.None) ask(shared, 1, 1);
        // 61 to 101 permits at 361 in 1.25 s.
        assertThat(none.next()).isBetween(Duration.ofMillis(150), Duration.ofMillis(900));
        Await.until("it is paid", SOON, () -> ask(shared, 1, 1) instanceof Outcome.Granted);
    }

    @Test
    void noMoreStaysThanTheVendorSaysIsLeft() throws Exception {
        Limit limit = metered(400, Duration.ofSeconds(20));
        SharedPermits shared = connected(new Events()).permits("vendor", limit);
        Await.until("some come in", SOON, () -> left(shared, limit) >= 8);
        shared.drainTo(2);
        assertThat(left(shared, limit)).isBetween(2, 3);
    }

    @Test
    void batchCallsLeaveTheReserveToInteractiveOnes() throws Exception {
        Limit limit = sliding(400, Duration.ofSeconds(100));
        SharedPermits shared = connected(new Events()).permits("vendor", limit);
        Await.until("some come in", SOON, () -> left(shared, limit) >= 8);
        int there = shared.lastSeen();
        Outcome.Granted batch = (Outcome.Granted) ask(shared, 1, 40, 4);
        assertThat(batch.count()).isBetween(there - 4, there);
        // 360 in 101 s or so: what is still there is the reserve.
        assertThat(((Outcome.None) ask(shared, 1, 1, 4)).next()).isLessThan(Duration.ofMillis(400));
        assertThat(((Outcome.Granted) ask(shared, 1, 40, 0)).count()).isBetween(4, 5);

        Future waiting = new Future();
        Future interactive = new Future();
        Await.until("one has come in", SOON, () -> left(shared, limit) >= 1);
        shared.ask(1, 1, 4, waiting);
        shared.ask(1, 1, 0, interactive);
        assertThat(waiting.get()).isInstanceOf(Outcome.None.class);
        assertThat(interactive.get()).isEqualTo(new Outcome.Granted(1));
    }

    @Test
    void whatIsGivenBackIsThereAgain() throws Exception {
        Limit limit = sliding(610, Duration.ofSeconds(61));
        SharedPermits shared = connected(new Events()).permits("vendor", limit);
        Await.until("some come in", SOON, () -> left(shared, limit) >= 12);
        Outcome.Granted granted = (Outcome.Granted) ask(shared, 1, 40);
        assertThat(left(shared, limit)).isLessThanOrEqualTo(1);
        shared.giveBack(granted.count());
        // But for what has come in meanwhile.
        assertThat(left(shared, limit)).isBetween(granted.count() - 8, granted.count() + 1);
    }

    @Test
    void aServerThatRefusesThePasswordIsNamedWithoutIt() throws Exception {
        Events events = new Events();
        try (RedisServer locked = RedisServer.start("--requirepass", "right-canary")) {
            SharedLimits refused = limits(settings(locked.uri(), "wrong-canary", TIMEOUT), events);
            Await.until("it is refused", SOON, () -> !events.seen.isEmpty());
            assertThat(events.seen.getFirst())
                    .startsWith("lost: redis://127.0.0.1:")
                    .contains("WRONGPASS")
                    .doesNotContain("canary");
            refused.close();
            SharedLimits admitted = limits(settings(locked.uri(), "right-canary", TIMEOUT), new Events());
            assertThat(admitted.awaitFirst(SOON)).isTrue();
        }
    }

    @Test
    void whatLeadsNowhereIsToldOnceAndTriedAgain() throws Exception {
        Events noPort = new Events();
        limits(settings(URI.create("redis://127.0.0.1:99999")), noPort);
        Events events = new Events();
        Path passwordFile = Files.createTempDirectory("shared-limits").resolve("password");
        try (RedisServer locked = RedisServer.start("--requirepass", "right-canary")) {
            SharedLimits limits = limits(
                    new RedisSettings(
                            locked.uri(),
                            null,
                            null,
                            passwordFile,
                            null,
                            TIMEOUT,
                            "toolpost:",
                            Duration.ofSeconds(1),
                            0.1),
                    events);
            Await.until("both are told", SOON, () -> !noPort.seen.isEmpty() && !events.seen.isEmpty());
            assertThat(noPort.seen.getFirst()).startsWith("lost: redis://127.0.0.1:99999: ");
            assertThat(events.seen.getFirst()).contains("limits.redis.password_file", "cannot be read");

            Files.writeString(passwordFile, "right-canary");
            assertThat(limits.awaitFirst(SOON)).isTrue();
            Await.until("it is told", SOON, () -> events.seen.contains("back"));
            assertThat(events.seen).hasSize(2);
        } finally {
            Files.deleteIfExists(passwordFile);
            Files.deleteIfExists(passwordFile.resolveSibling(".").normalize());
        }
    }

    @Test
    void theRightsThatAreDocumentedAreEnough() throws Exception {
        String rights = Files.readString(Path.of("../docs/operations.md"))
                .lines()
                .filter(line -> line.contains("user toolpost on >..."))
                .findFirst()
                .orElseThrow()
                .replaceAll(".*>\\.\\.\\. ([^`]*)`.*", "$1");
        List<String> rules = new ArrayList<>(List.of("on", ">canary"));
        rules.addAll(List.of(rights.split(" ")));
        redis(connection -> connection
                .sync()
                .dispatch(
                        CommandType.ACL,
                        new StatusOutput<>(StringCodec.UTF8),
                        new CommandArgs<>(StringCodec.UTF8)
                                .add("SETUSER")
                                .add("toolpost")
                                .add(rules.getFirst())
                                .addValues(rules.subList(1, rules.size()))));
        RedisSettings settings = new RedisSettings(
                server.uri(), "toolpost", "canary", null, null, TIMEOUT, "toolpost:", Duration.ofMillis(250), 0.1);
        SharedLimits limits = limits(settings, new Events());
        assertThat(limits.awaitFirst(SOON)).isTrue();
        SharedPermits shared = limits.permits("vendor", sliding(40, Duration.ofSeconds(1)));
        Await.until("one is granted", SOON, () -> ask(shared, 1, 1) instanceof Outcome.Granted);
    }

    @Test
    void keysEndSomeTimeAfterTheBucketIsFull() throws Exception {
        Limit limit = sliding(40, Duration.ofSeconds(2));
        SharedPermits shared = connected(new Events()).permits("expiring", limit);
        Await.until("one is granted", SOON, () -> ask(shared, 1, 1) instanceof Outcome.Granted);
        redis(connection -> {
            List<String> keys = connection.sync().keys("toolpost:limits:expiring:*");
            assertThat(keys).hasSize(1);
            assertThat(connection.sync().pttl(keys.getFirst())).isBetween(55_000L, 65_000L);
        });
    }

    @Test
    void aWindowThatTheServerForgotCountsAsFullOnce() throws Exception {
        Limit limit = sliding(30, Duration.ofMillis(400));
        SharedLimits limits = connected(new Events());
        SharedPermits shared = limits.permits("vendor", limit);
        SharedPermits newcomer = connected(new Events()).permits("vendor", limit);
        awaitAll(shared, 30);
        // What is granted counts 1.65 s at most: the window, and 1.25 s until the request has arrived.
        redis(connection -> connection.sync().flushall());
        Outcome.None flushed = (Outcome.None) ask(shared, 1, 1);
        assertThat(flushed.next()).isBetween(Duration.ofMillis(1_000), Duration.ofMillis(1_700));
        assertThat(ask(newcomer, 1, 1)).isInstanceOf(Outcome.None.class);
        awaitAll(shared, 30);

        server.kill();
        Await.until("the loss is noticed", SOON, () -> !limits.isUp());
        server.begin();
        Await.until("it is back", SOON, limits::isUp);
        assertThat(ask(shared, 1, 1)).isInstanceOf(Outcome.None.class);
        awaitAll(shared, 30);
    }

    @Test
    void aWindowGivesAllAtOnceAndAgainOneWindowAfterTheEndOfItsRequests() throws Exception {
        Limit limit = sliding(30, Duration.ofMillis(400));
        SharedPermits shared = connected(new Events()).permits("vendor", limit);
        SharedPermits other = connected(new Events()).permits("vendor", limit);
        awaitAll(shared, 30);
        Outcome.None untold = (Outcome.None) ask(other, 1, 1);
        assertThat(untold.next()).isGreaterThan(Duration.ofMillis(450));
        shared.ended(20, Duration.ZERO);
        long ended = System.nanoTime();
        Await.until("some are back", SOON, () -> ask(other, 20, 30).equals(new Outcome.Granted(20)));
        assertThat(Duration.ofNanos(System.nanoTime() - ended)).isGreaterThan(Duration.ofMillis(400));
        other.giveBack(20);
        Await.until(
                "all are back unused",
                Duration.ofSeconds(1),
                () -> ask(shared, 20, 20).equals(new Outcome.Granted(20)));
    }

    @Test
    void aWindowWithOtherNumbersGoesOnFromWhatCounts() throws Exception {
        Limit before = sliding(30, Duration.ofMillis(400));
        SharedPermits old = connected(new Events()).permits("vendor", before);
        awaitAll(old, 30);
        SharedPermits changed = connected(new Events()).permits("vendor", before.with(50, Duration.ofSeconds(2)));
        assertThat(ask(changed, 1, 50)).isEqualTo(new Outcome.Granted(20));
        Outcome.None longer = (Outcome.None) ask(old, 1, 1);
        assertThat(longer.next()).isGreaterThan(Duration.ofSeconds(2));
        assertThat(old.most()).isEqualTo(50);

        changed.allow(40);
        Await.until("the other hears it", SOON, () -> {
            ask(old, 1, 1);
            return old.most() == 40;
        });
        // Who comes with the same definition changes nothing of that.
        SharedPermits third = connected(new Events()).permits("vendor", before.with(50, Duration.ofSeconds(2)));
        ask(third, 1, 1);
        assertThat(third.most()).isEqualTo(40);
        changed.allow(50);
        Await.until("all is allowed again", SOON, () -> {
            ask(third, 1, 1);
            return third.most() == 50;
        });
    }

    @Test
    void whatEndsUnderTheNumbersBeforeFreesNothingOfWhatWasGrantedSince() throws Exception {
        SharedLimits limits = connected(new Events());
        // From here on the server remembers a window, so that the first round of each of the others gets permits.
        awaitAll(limits.permits("vendor", sliding(1, Duration.ofSeconds(2))), 1);
        Limit before = sliding(10, Duration.ofSeconds(2));
        SharedPermits old = limits.permits("vendor", before);
        SharedPermits changed = limits.permits("vendor", before.with(50, Duration.ofSeconds(2)));
        assertThat(ask(old, 5, 5)).isEqualTo(new Outcome.Granted(5));
        assertThat(ask(changed, 45, 45)).isEqualTo(new Outcome.Granted(45));

        old.ended(5, Duration.ZERO);
        assertThat(ask(old, 1, 1)).isInstanceOf(Outcome.None.class);
        assertThat(ask(changed, 1, 50)).isInstanceOf(Outcome.None.class);
    }

    @Test
    void aWindowCountsWhatAnswersSayOfOthers() throws Exception {
        Limit limit = sliding(30, Duration.ofSeconds(2));
        SharedPermits shared = connected(new Events()).permits("vendor", limit);
        awaitAll(shared, 30);
        shared.giveBack(30);
        shared.drainTo(12);
        assertThat(ask(shared, 13, 13)).isInstanceOf(Outcome.None.class);
        shared.spend(8);
        assertThat(ask(shared, 1, 30)).isEqualTo(new Outcome.Granted(4));
        shared.spend(30);
        Outcome.None owed = (Outcome.None) ask(shared, 1, 1);
        assertThat(owed.next()).isGreaterThan(Duration.ofMillis(300));
        awaitAll(shared, 30);
    }

    @Test
    void whatIsHeldTooLongIsTakenAnewBeforeThoseWhoWait() throws Exception {
        Limit limit = sliding(30, Duration.ofSeconds(2));
        SharedPermits one = connected(new Events()).permits("vendor", limit);
        SharedPermits other = connected(new Events()).permits("vendor", limit);
        awaitAll(one, 30);
        assertThat(ask(other, 1, 1)).isInstanceOf(Outcome.None.class);
        assertThat(renew(one, 30, Duration.ofMillis(1))).isEqualTo(new Outcome.Granted(30));
        assertThat(ask(other, 1, 1)).isInstanceOf(Outcome.None.class);
        assertThat(renew(one, 30, Duration.ofSeconds(1))).isInstanceOf(Outcome.None.class);
    }

    @Test
    void whatCountsNoMoreIsTakenAnewOnlyWhereItIsThere() throws Exception {
        Limit limit = sliding(10, Duration.ofMillis(300));
        SharedPermits slow = connected(new Events()).permits("vendor", limit);
        SharedPermits other = connected(new Events()).permits("vendor", limit);
        awaitAll(slow, 10);
        awaitAll(other, 10);
        assertThat(renew(slow, 1, Duration.ofSeconds(5))).isInstanceOf(Outcome.None.class);
        awaitAll(other, 10);
        other.giveBack(10);
        Await.until("there is one", SOON, () -> renew(slow, 1, Duration.ofSeconds(5)) instanceof Outcome.Granted);
    }

    @Test
    void aBucketRenewsWhatItHasAndADayWhateverItHas() throws Exception {
        SharedPermits bucket = connected(new Events()).permits("vendor", metered(30, Duration.ofHours(1)));
        drain(bucket);
        assertThat(renew(bucket, 1, Duration.ofSeconds(5))).isInstanceOf(Outcome.None.class);

        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-02T18:00:00Z"));
        SharedLimits limits = new SharedLimits(settings(server.uri()), new Events(), now::get, System::nanoTime);
        open.add(limits);
        limits.awaitFirst(SOON);
        SharedPermits day = limits.permits("vendor", daily(5));
        drain(day);
        assertThat(renew(day, 5, Duration.ofSeconds(5))).isEqualTo(new Outcome.Granted(5));
        now.set(Instant.parse("2026-11-02T23:59:40Z"));
        assertThat(renew(day, 5, Duration.ofSeconds(5))).isInstanceOf(Outcome.None.class);
    }

    @Test
    void aWindowIsLeftToBatchCallsOnlyBeyondTheReserve() throws Exception {
        Limit limit = sliding(30, Duration.ofMillis(400));
        SharedPermits shared = connected(new Events()).permits("vendor", limit);
        awaitAll(shared, 30);
        shared.giveBack(30);
        assertThat(ask(shared, 1, 30, 3)).isEqualTo(new Outcome.Granted(27));
        Future batch = new Future();
        Future interactive = new Future();
        shared.ask(1, 1, 3, batch);
        shared.ask(1, 1, 0, interactive);
        assertThat(batch.get()).isInstanceOf(Outcome.None.class);
        assertThat(interactive.get()).isEqualTo(new Outcome.Granted(1));
    }

    @Test
    void whatIsAskedAfterTheEndIsUnreachable() throws Exception {
        SharedLimits limits = connected(new Events());
        SharedPermits shared = limits.permits("vendor", sliding(10, Duration.ofSeconds(1)));
        limits.close();
        assertThat(ask(shared, 1, 1)).isEqualTo(new Outcome.Unreachable("shared limits are closed"));
    }

    @Test
    void aDayHasItsPermitsOnceAndNothingAroundItsEnd() throws Exception {
        Limit limit = daily(5);
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-02T18:00:00Z"));
        SharedLimits limits = new SharedLimits(settings(server.uri()), new Events(), now::get, System::nanoTime);
        open.add(limits);
        limits.awaitFirst(SOON);
        SharedPermits shared = limits.permits("vendor", limit);
        // A young server: others may have begun the day, and a quarter of its time is left.
        server.kill();
        Await.until("the loss is noticed", SOON, () -> !limits.isUp());
        server.begin();
        Await.until("it is back", SOON, limits::isUp);
        assertThat(ask(shared, 1, 5)).isEqualTo(new Outcome.Granted(1));
        assertThat(ask(shared, 1, 5)).isEqualTo(none(Duration.ofHours(6).plusSeconds(30)));

        now.set(Instant.parse("2026-11-02T23:59:29Z"));
        assertThat(ask(shared, 1, 5)).isEqualTo(none(Duration.ofSeconds(61)));
        now.set(Instant.parse("2026-11-03T00:00:31Z"));
        assertThat(ask(shared, 1, 3)).isEqualTo(new Outcome.Granted(3));

        server.kill();
        Await.until("the loss is noticed", SOON, () -> !limits.isUp());
        server.begin();
        Await.until("it is back", SOON, limits::isUp);
        assertThat(ask(shared, 1, 5)).isEqualTo(new Outcome.Granted(1));
    }

    @Test
    void aDayFollowsWhatTheVendorAllowsForNow() throws Exception {
        Limit limit = daily(100);
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-02T18:00:00Z"));
        List<SharedPermits> workers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            SharedLimits limits = new SharedLimits(settings(server.uri()), new Events(), now::get, System::nanoTime);
            open.add(limits);
            limits.awaitFirst(SOON);
            workers.add(limits.permits("vendor", limit));
        }
        SharedPermits one = workers.getFirst();
        SharedPermits other = workers.getLast();
        // All of a day that began while the server was up.
        now.set(Instant.parse("2026-11-03T00:00:31Z"));
        assertThat(ask(one, 1, 30)).isEqualTo(new Outcome.Granted(30));
        for (SharedPermits each : workers) {
            each.allow(40);
        }
        assertThat(one.most()).isLessThanOrEqualTo(100);
        assertThat(ask(one, 11, 11)).as("30 of 40 are spent").isInstanceOf(Outcome.None.class);
        List<Future> asked = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            Future answer = new Future();
            workers.get(i % 2).ask(1, 1, 0, answer);
            asked.add(answer);
        }
        int granted = 0;
        for (Future each : asked) {
            granted += each.get(20, TimeUnit.SECONDS) instanceof Outcome.Granted ? 1 : 0;
        }
        assertThat(granted).isLessThanOrEqualTo(10);
        Await.until(
                "all of the 40 are spent",
                SOON,
                () -> ask(other, 1, 1) instanceof Outcome.None none
                        && none.next().compareTo(Duration.ofHours(1)) > 0);
        assertThat(one.lastSeen()).isLessThanOrEqualTo(10);

        one.drainTo(0);
        for (SharedPermits each : workers) {
            each.allow(100);
        }
        assertThat(ask(other, 61, 61)).as("the 60 that were not given").isInstanceOf(Outcome.None.class);
        assertThat(ask(other, 1, 60)).isEqualTo(new Outcome.Granted(60));
    }

    // ---- tools ----

    private interface WithRedis {
        void use(StatefulRedisConnection<String, String> connection) throws Exception;
    }

    private static void redis(WithRedis action) throws Exception {
        RedisClient client = RedisClient.create(RedisURI.create(server.uri()));
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            action.use(connection);
        } finally {
            client.shutdown();
        }
    }

    private SharedLimits connected(Events events) throws InterruptedException {
        SharedLimits limits = limits(settings(server.uri()), events);
        assertThat(limits.awaitFirst(SOON)).isTrue();
        return limits;
    }

    private SharedLimits limits(RedisSettings settings, Events events) {
        SharedLimits limits = new SharedLimits(settings, events);
        open.add(limits);
        return limits;
    }

    private static RedisSettings settings(URI uri) {
        return settings(uri, null, TIMEOUT);
    }

    private static RedisSettings settings(URI uri, @Nullable String password, Duration timeout) {
        return new RedisSettings(uri, null, password, null, null, timeout, "toolpost:", Duration.ofMillis(250), 0.1);
    }

    private static synchronized Limit sliding(int permits, Duration window) {
        return costly(permits, window, 1);
    }

    /** Kept by a bucket. */
    private static synchronized Limit metered(int permits, Duration window) {
        return new Limit("limit-" + ++names, Scope.VENDOR, Kind.TOKEN, permits, window, Set.of(), Set.of(), null, 0.05);
    }

    private static synchronized Limit daily(int permits) {
        return new Limit(
                "limit-" + ++names,
                Scope.VENDOR,
                Kind.FIXED,
                permits,
                Duration.ofDays(1),
                Set.of(),
                Set.of(),
                null,
                null,
                0.05,
                LimitCost.ONE,
                Feedback.NONE,
                new WindowReset(LocalTime.MIDNIGHT, ZoneOffset.UTC));
    }

    private static synchronized Limit costly(int permits, Duration window, int cost) {
        return new Limit(
                        "limit-" + ++names, Scope.VENDOR, Kind.SLIDING, permits, window, Set.of(), Set.of(), null, 0.05)
                .with(new LimitCost(cost, Map.of(), null));
    }

    private static Outcome ask(SharedPermits shared, int least, int count) throws Exception {
        return ask(shared, least, count, 0);
    }

    private static Outcome renew(SharedPermits shared, int count, Duration heldFor) throws Exception {
        Future answer = new Future();
        shared.renew(count, count, heldFor, answer);
        return answer.get(20, TimeUnit.SECONDS);
    }

    private static Outcome ask(SharedPermits shared, int least, int count, int leave) throws Exception {
        Future answer = new Future();
        shared.ask(least, count, leave, answer);
        return answer.get(20, TimeUnit.SECONDS);
    }

    /** Of a bucket, estimated by what is said about more than there is; takes nothing. */
    private static int left(SharedPermits shared, Limit defined) throws Exception {
        SharedLimit limit = SharedLimit.of(defined, settings(server.uri()).grantToArrival(), 0.1);
        return switch (ask(shared, shared.most(), shared.most())) {
            case Outcome.Granted(int count) -> {
                shared.giveBack(count);
                yield count;
            }
            case Outcome.None none ->
                shared.most() - (int) Math.ceil((double) limit.tokensIn(none.next()) / SharedLimit.PERMIT - 0.002);
            case Outcome.Unreachable(String why) -> throw new AssertionError(why);
        };
    }

    /** A window with nothing in it; all of it is taken. */
    private static void awaitAll(SharedPermits shared, int permits) throws Exception {
        Await.until("all of them are there", SOON, () -> ask(shared, permits, permits) instanceof Outcome.Granted);
    }

    private static Outcome none(Duration next) {
        return new Outcome.None(next, next);
    }

    private static void drain(SharedPermits shared) throws Exception {
        while (ask(shared, 1, shared.most()) instanceof Outcome.Granted) {}
    }
}
