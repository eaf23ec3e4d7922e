package dev.toolpost.worker.oauth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.CredentialsUnavailableException;
import dev.toolpost.worker.credentials.GrantState;
import dev.toolpost.worker.credentials.InMemoryCredentialStore;
import dev.toolpost.worker.credentials.RefreshIntent;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.ResponseHeaders;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.rig.Await;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AccessTokensTest {

    private static final long BEGIN = 1_800_000_000_000L;
    private static final String LONG_AGO = Long.toString(BEGIN - 1_000);
    private static final Ownership OWNED = () -> true;

    private final AtomicLong millis = new AtomicLong(BEGIN);
    private final AtomicLong nanos = new AtomicLong();
    private final InMemoryCredentialStore store = new InMemoryCredentialStore();
    private final AtomicInteger requests = new AtomicInteger();
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();

    private Connector connector = OAuthVendor.connector();
    private volatile Function<Integer, HttpOutcome> endpoint =
            number -> granted("access-" + number, "refresh-" + number);
    private final AccessTokens tokens = tokens("one", store);

    @AfterEach
    void end() {
        tokens.close();
        calls.shutdownNow();
    }

    private AccessTokens tokens(String owner, CredentialStore credentials) {
        return new AccessTokens(
                owner,
                credentials,
                this::exchange,
                new Events(),
                RefreshBounds.STANDARD,
                () -> Instant.ofEpochMilli(millis.get()),
                this::nanoTime,
                new Random(7));
    }

    /** A clock that a test may move, on top of the real one that waits are made of. */
    private long nanoTime() {
        return nanos.get() + System.nanoTime();
    }

    private void passes(Duration time) {
        millis.addAndGet(time.toMillis());
        nanos.addAndGet(time.toNanos());
    }

    private HttpOutcome exchange(VendorRequest request, long deadlineNanos) {
        bodies.add(new String(request.body(), UTF_8));
        return endpoint.apply(requests.incrementAndGet());
    }

    private final class Events implements GrantEvents {
        @Override
        public void refreshed(ConnectionRecord connection) {
            events.add("refreshed");
        }

        @Override
        public void reauthorizationRequired(ConnectionRecord connection, String message) {
            events.add("reauthorization_required");
        }
    }

    private static HttpOutcome answered(int status, String body, String... headers) {
        return new HttpOutcome.Answered(
                status, ResponseHeaders.of(headers), body.getBytes(UTF_8), Duration.ofMillis(5));
    }

    private static HttpOutcome granted(String access, String refresh) {
        return answered(
                200, "{\"access_token\":\"" + access + "\",\"refresh_token\":\"" + refresh + "\",\"expires_in\":1800}");
    }

    private static HttpOutcome dead() {
        return answered(400, "{\"error\":\"invalid_grant\",\"error_description\":\"unknown refresh-0 of client\"}");
    }

    private static Secret secret(String access, String expiresAt) {
        return Secret.of(Map.of(
                "client_id",
                "client-7",
                "client_secret",
                "hush",
                "refresh_token",
                "refresh-0",
                Auth.OAuth2.ACCESS_TOKEN,
                access,
                Auth.OAuth2.EXPIRES_AT,
                expiresAt));
    }

    private StoredConnection put(Secret secret, GrantState grant) {
        store.put(
                OAuthVendor.connection("acme", "books", URI.create("https://ledger.example")),
                secret,
                grant,
                CredentialStore.ANY);
        return stored();
    }

    private StoredConnection expired() {
        return put(secret("access-0", LONG_AGO), GrantState.NONE);
    }

    private StoredConnection valid() {
        return put(
                secret("access-0", Long.toString(BEGIN + Duration.ofMinutes(30).toMillis())),
                new GrantState(null, null, BEGIN));
    }

    private StoredConnection stored() {
        return store.find("acme", "books");
    }

    private Access current(StoredConnection known) throws InterruptedException {
        return current(tokens, known, OWNED);
    }

    private Access current(AccessTokens at, StoredConnection known, Ownership ownership) throws InterruptedException {
        return at.current(
                known,
                connector,
                OAuthVendor.auth(connector),
                ownership,
                nanoTime() + Duration.ofSeconds(40).toNanos());
    }

    private Access replace(StoredConnection rejected) throws InterruptedException {
        return tokens.replace(
                rejected,
                connector,
                OAuthVendor.auth(connector),
                OWNED,
                nanoTime() + Duration.ofSeconds(20).toNanos());
    }

    private static String token(Access access) {
        assertThat(access).isInstanceOf(Access.Usable.class);
        return Grant.accessToken(((Access.Usable) access).connection());
    }

    @Test
    void aRejectedTokenIsNotHandedOutWhileItIsReplaced() throws Exception {
        StoredConnection known = valid();
        CountDownLatch answer = new CountDownLatch(1);
        endpoint = number -> {
            try {
                answer.await();
            } catch (InterruptedException stopped) {
                throw new IllegalStateException(stopped);
            }
            return granted("access-" + number, "refresh-" + number);
        };
        Future<Access> rejected = calls.submit(() -> replace(known));
        Await.until("the request is there", Duration.ofSeconds(10), () -> requests.get() == 1);
        Future<Access> next = calls.submit(() -> current(known));
        answer.countDown();

        assertThat(token(rejected.get())).isEqualTo("access-1");
        assertThat(token(next.get())).isEqualTo("access-1");
        assertThat(requests.get()).isEqualTo(1);
    }

    @Test
    void theSecretsOfAnotherVendorAreNotSentToTheTokenAddressOfThis() throws Exception {
        StoredConnection known = expired();
        endpoint = number -> {
            if (number == 1) {
                putOfAnotherVendor("0");
                return answered(503, "{}");
            }
            return granted("access-" + number, "refresh-" + number);
        };

        assertThat(current(known)).isInstanceOf(Access.Gone.class);
        assertThat(bodies).hasSize(1).noneMatch(body -> body.contains("other-secret"));
    }

    @Test
    void theTokenOfAnotherVendorIsNoneOfThis() throws Exception {
        StoredConnection known = valid();
        putOfAnotherVendor(Long.toString(BEGIN + 1_000_000));

        assertThat(replace(known)).isInstanceOf(Access.Gone.class);
        assertThat(bodies).isEmpty();
    }

    private void putOfAnotherVendor(String expiresAt) {
        store.put(
                new ConnectionRecord(
                        "acme",
                        "books",
                        "salesforce",
                        Auth.OAuth2.KIND,
                        Map.of("api", "https://ledger.example"),
                        Map.of(),
                        Set.of(),
                        Map.of()),
                Secret.of(Map.of(
                        "client_id",
                        "other",
                        "client_secret",
                        "other-secret",
                        "refresh_token",
                        "other-refresh",
                        Auth.OAuth2.ACCESS_TOKEN,
                        "other-access",
                        Auth.OAuth2.EXPIRES_AT,
                        expiresAt)),
                GrantState.NONE,
                CredentialStore.ANY);
    }

    private <T> List<Future<T>> atOnce(int many, Callable<T> call) {
        List<Future<T>> all = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            all.add(calls.submit(call));
        }
        return all;
    }

    @Test
    void aThousandWhoMeetAnExpiredTokenMakeOneTokenRequest() throws Exception {
        StoredConnection known = expired();
        CountDownLatch answer = new CountDownLatch(1);
        endpoint = number -> {
            await(answer);
            return granted("access-" + number, "refresh-" + number);
        };
        List<Future<Access>> all = atOnce(1_000, () -> current(known));
        Await.until("the request is there", Duration.ofSeconds(10), () -> requests.get() == 1);
        answer.countDown();
        for (Future<Access> each : all) {
            assertThat(token(each.get())).isEqualTo("access-1");
        }
        assertThat(requests).hasValue(1);
        assertThat(bodies)
                .containsExactly(
                        "grant_type=refresh_token&refresh_token=refresh-0&client_id=client-7&client_secret=hush");
        assertThat(stored().secret().get("refresh_token")).isEqualTo("refresh-1");
        assertThat(Grant.expiresAt(stored().secret())).isEqualTo(BEGIN + 1_800_000);
        assertThat(stored().grant()).isEqualTo(new GrantState(null, null, BEGIN));
        assertThat(events).containsExactly("refreshed");
        assertThat(tokens.counts()).isEqualTo(new TokenCounts(1, 1, 0, 0, 0));
    }

    @Test
    void aTokenIsRefreshedOnceAheadOfItsEndWhileCallsGoOnWithIt() throws Exception {
        StoredConnection known = valid();
        assertThat(token(current(known))).isEqualTo("access-0");
        passes(Duration.ofMinutes(26));
        assertThat(token(current(known))).isEqualTo("access-0");
        assertThat(requests)
                .as("ten per cent of thirty minutes ahead, not more")
                .hasValue(0);

        CountDownLatch answer = new CountDownLatch(1);
        endpoint = number -> {
            await(answer);
            return granted("access-" + number, "refresh-" + number);
        };
        passes(Duration.ofMinutes(3));
        for (int i = 0; i < 100; i++) {
            assertThat(token(current(known))).isEqualTo("access-0");
        }
        Await.until("the request is there", Duration.ofSeconds(10), () -> requests.get() == 1);
        answer.countDown();
        Await.until(
                "the new one is stored", Duration.ofSeconds(10), () -> "access-1".equals(Grant.accessToken(stored())));
        assertThat(token(current(stored()))).isEqualTo("access-1");
        assertThat(requests).hasValue(1);
    }

    @Test
    void theMomentAheadDiffersFromTokenToTokenAndLiesInTheSecondHalf() {
        Random random = new Random(3);
        long ahead = Duration.ofMinutes(4).toMillis();
        List<Long> moments = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Patience patience = new Patience();
            long due = patience.due("t", BEGIN, Duration.ofMinutes(4), random);
            assertThat(due).isBetween(BEGIN - ahead, BEGIN - ahead / 2);
            assertThat(patience.due("t", BEGIN, Duration.ofMinutes(4), random)).isEqualTo(due);
            moments.add(due);
        }
        assertThat(moments.stream().distinct().count()).isGreaterThan(150);
    }

    @ParameterizedTest
    @CsvSource({"503,", "500,", "429,", "503,60", "401,"})
    void whileTheEndpointFailsAStillValidTokenGoesOn(int status, String retryAfter) throws Exception {
        StoredConnection known = valid();
        endpoint = number -> retryAfter == null
                ? answered(status, "{\"error\":\"trouble\"}")
                : answered(status, "", "Retry-After", retryAfter);
        passes(Duration.ofMinutes(29));
        for (int i = 0; i < 50; i++) {
            assertThat(token(current(known))).isEqualTo("access-0");
        }
        Await.until(
                "the background refresh gave up",
                Duration.ofSeconds(10),
                () -> requests.get() > 0 && tokens.counts().underWay() == 0);
        int asked = requests.get();
        for (int i = 0; i < 50; i++) {
            assertThat(token(current(known))).isEqualTo("access-0");
        }
        assertThat(requests).as("no other before the pause is over").hasValue(asked);
        assertThat(asked).isLessThanOrEqualTo(3);

        passes(Duration.ofMinutes(1).minusMillis(1));
        endpoint = number -> granted("access-" + number, "refresh-" + number);
        Await.until("refreshed after the pause", Duration.ofSeconds(10), () -> {
            passes(Duration.ofMillis(0));
            current(known);
            return "refreshed".equals(String.join("", events));
        });
        assertThat(stored().grant().dead()).isNull();
    }

    @Test
    void withoutAValidTokenAFailingEndpointMeansLaterAndEveryPauseIsLonger() throws Exception {
        StoredConnection known = expired();
        endpoint = number -> answered(503, "busy");
        List<Long> pauses = new ArrayList<>();
        for (int round = 0; round < 8; round++) {
            Access access = current(known);
            assertThat(access).isInstanceOf(Access.Unavailable.class);
            Access.Unavailable unavailable = (Access.Unavailable) access;
            assertThat(unavailable.message()).contains("503");
            long pause = unavailable.retryAt().toEpochMilli() - millis.get();
            pauses.add(pause);
            int asked = requests.get();
            for (Future<Access> each : atOnce(100, () -> current(known))) {
                assertThat(each.get()).isInstanceOf(Access.Unavailable.class);
            }
            assertThat(requests).as("no herd").hasValue(asked);
            passes(Duration.ofMillis(pause + 1));
        }
        assertThat(pauses.getFirst()).isBetween(400L, 1_000L);
        assertThat(pauses.getLast()).isBetween(25_000L, 60_000L);
        assertThat(events).isEmpty();
        assertThat(stored().grant().intent()).isNull();
    }

    @Test
    void aRequestWithoutAnAnswerIsMadeAgainAfterAPause() throws Exception {
        endpoint = number -> number == 1
                ? new HttpOutcome.Unanswered(
                        HttpOutcome.UnansweredCause.DEADLINE, "no complete answer", null, Duration.ofSeconds(20))
                : granted("access-" + number, "refresh-" + number);
        StoredConnection known = expired();
        assertThat(current(known)).isInstanceOf(Access.Unavailable.class);
        assertThat(current(known)).isInstanceOf(Access.Unavailable.class);
        assertThat(requests).hasValue(1);
        assertThat(stored().grant().intent())
                .as("no answer can arrive any more")
                .isNull();
        passes(Duration.ofSeconds(1));
        assertThat(token(current(known))).isEqualTo("access-2");
        assertThat(bodies).allMatch(body -> body.contains("refresh-0"));
    }

    @Test
    void aMomentOfTroubleIsOverComeByTheSameRefresh() throws Exception {
        endpoint = number -> number == 1 ? answered(503, "busy") : granted("access-" + number, "refresh-" + number);
        assertThat(token(current(expired()))).isEqualTo("access-2");
    }

    @Test
    void aDeadGrantIsToldOnceAndNobodyAsksAgainUntilTheConnectionChanges() throws Exception {
        StoredConnection known = expired();
        endpoint = number -> dead();
        for (Future<Access> each : atOnce(200, () -> current(known))) {
            assertThat(each.get()).isInstanceOf(Access.ReauthorizationRequired.class);
            assertThat(each.get().toString()).doesNotContain("refresh-0").contains("invalid_grant");
        }
        passes(Duration.ofDays(1));
        try (AccessTokens restarted = tokens("two", store)) {
            assertThat(current(restarted, stored(), OWNED)).isInstanceOf(Access.ReauthorizationRequired.class);
        }
        assertThat(requests).hasValue(1);
        assertThat(events).containsExactly("reauthorization_required");

        endpoint = number -> granted("access-" + number, "refresh-" + number);
        assertThat(token(current(expired()))).as("put again, be it the same").isEqualTo("access-2");
    }

    @Test
    void anIntentOfALostOwnerMeansReauthorizationOnceItExpired() throws Exception {
        StoredConnection known = put(secret("access-0", LONG_AGO), intentOf("lost", BEGIN));
        Future<Access> waiting = calls.submit(() -> current(known));
        assertThat(state(waiting)).as("while it may still be answered").isEqualTo(Future.State.RUNNING);
        passes(RefreshBounds.STANDARD.intentLife());
        assertThat(waiting.get()).isInstanceOf(Access.ReauthorizationRequired.class);
        assertThat(current(stored())).isInstanceOf(Access.ReauthorizationRequired.class);
        assertThat(requests).hasValue(0);
        assertThat(events).containsExactly("reauthorization_required");
    }

    @Test
    void withALeewayTheTokenOfALostOwnerIsTriedOnceMore() throws Exception {
        connector = OAuthVendor.withLeeway("10m");
        StoredConnection known = put(secret("access-0", LONG_AGO), intentOf("lost", BEGIN - 60_000));
        assertThat(token(current(known))).isEqualTo("access-1");
        assertThat(requests).hasValue(1);
        assertThat(events).containsExactly("refreshed");
    }

    @Test
    void withALeewayTheTokenIsTriedOnceMoreAndNotTwice() throws Exception {
        connector = OAuthVendor.withLeeway("10m");
        RefreshIntent again =
                new RefreshIntent("lost", Grant.tokenHash(secret("", "")), BEGIN - 60_000, BEGIN - 30_000, true);
        StoredConnection known = put(secret("access-0", LONG_AGO), new GrantState(again, null, 0));
        assertThat(watched(tokens, known)).isInstanceOf(Access.ReauthorizationRequired.class);
        assertThat(requests).hasValue(0);
    }

    @Test
    void afterTheLeewayTheTokenOfALostOwnerIsNotTried() throws Exception {
        connector = OAuthVendor.withLeeway("10m");
        StoredConnection known = put(secret("access-0", LONG_AGO), intentOf("lost", BEGIN - 600_000));
        assertThat(watched(tokens, known)).isInstanceOf(Access.ReauthorizationRequired.class);
        assertThat(requests).hasValue(0);
    }

    @Test
    void aLostOwnersIntentForAnotherRefreshTokenMeansNothing() throws Exception {
        RefreshIntent other = new RefreshIntent("lost", "of another", BEGIN, BEGIN + 30_000, false);
        assertThat(token(current(put(secret("access-0", LONG_AGO), new GrantState(other, null, 0)))))
                .isEqualTo("access-1");
    }

    @Test
    void aSlowClockDoesNotMakeAnIntentLastForever() throws Exception {
        StoredConnection known = put(secret("access-0", LONG_AGO), intentOf("lost", BEGIN + 3_600_000));
        Future<Access> waiting = calls.submit(() -> current(known));
        assertThat(state(waiting)).isEqualTo(Future.State.RUNNING);
        nanos.addAndGet(RefreshBounds.STANDARD.intentLife().toNanos());
        assertThat(waiting.get()).isInstanceOf(Access.ReauthorizationRequired.class);
    }

    @Test
    void aFastClockDoesNotMakeAnotherOwnersRefreshALostOne() throws Exception {
        StoredConnection known = expired();
        CountDownLatch answer = new CountDownLatch(1);
        endpoint = number -> {
            await(answer);
            return granted("access-" + number, "refresh-" + number);
        };
        Future<Access> refreshing = calls.submit(() -> current(known));
        Await.until("the request is there", Duration.ofSeconds(10), () -> requests.get() == 1);
        millis.addAndGet(Duration.ofHours(1).toMillis());
        try (AccessTokens hourAhead = tokens("two", store)) {
            Future<Access> waiting = calls.submit(() -> current(hourAhead, stored(), OWNED));
            assertThat(state(waiting)).isEqualTo(Future.State.RUNNING);
            millis.addAndGet(-Duration.ofHours(1).toMillis());
            answer.countDown();
            assertThat(token(waiting.get())).isEqualTo("access-1");
        }
        assertThat(token(refreshing.get())).isEqualTo("access-1");
        assertThat(requests).hasValue(1);
        assertThat(events).containsExactly("refreshed");
    }

    /** What comes of asking for a token where the intent that is there stays as it is for its whole life. */
    private Access watched(AccessTokens at, StoredConnection known) throws Exception {
        Future<Access> waiting = calls.submit(() -> current(at, known, OWNED));
        assertThat(state(waiting)).as("clocks differ").isEqualTo(Future.State.RUNNING);
        passes(RefreshBounds.STANDARD.intentLife());
        return waiting.get();
    }

    private static GrantState intentOf(String owner, long since) {
        return new GrantState(
                new RefreshIntent(
                        owner,
                        Grant.tokenHash(secret("", "")),
                        since,
                        since + RefreshBounds.STANDARD.intentLife().toMillis(),
                        false),
                null,
                0);
    }

    @Test
    void whoeverLosesTheIntentWaitsForTheWinnerAndNeverCallsTheVendor() throws Exception {
        StoredConnection known = expired();
        CountDownLatch answer = new CountDownLatch(1);
        endpoint = number -> {
            await(answer);
            return granted("access-" + number, "refresh-" + number);
        };
        try (AccessTokens other = tokens("two", store)) {
            List<Future<Access>> all = new ArrayList<>(atOnce(50, () -> current(known)));
            all.addAll(atOnce(50, () -> current(other, known, OWNED)));
            Await.until("the request is there", Duration.ofSeconds(10), () -> requests.get() == 1);
            answer.countDown();
            for (Future<Access> each : all) {
                assertThat(token(each.get())).isEqualTo("access-1");
            }
        }
        assertThat(requests).hasValue(1);
    }

    @Test
    void whoeverDoesNotOwnTheConnectionAnyMoreSendsNothingAndGivesTheIntentBack() throws Exception {
        StoredConnection known = expired();
        assertThat(current(tokens, known, () -> false)).isInstanceOf(Access.NotOwned.class);
        assertThat(requests).hasValue(0);
        assertThat(stored().grant().intent()).isNull();
        assertThat(token(current(known))).isEqualTo("access-1");
    }

    @Test
    void whoeverWasStoppedBetweenTheIntentAndTheSendBeginsAgain() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Ownership stopped = () -> {
            if (asked.incrementAndGet() == 1) {
                passes(Duration.ofSeconds(6));
                assertThat(stored().grant().intent()).isNotNull();
            }
            return true;
        };
        assertThat(token(current(tokens, expired(), stopped))).isEqualTo("access-1");
        assertThat(asked).hasValue(2);
        assertThat(requests).hasValue(1);
    }

    @Test
    void aConnectionThatWasAuthorisedAnewDuringItsRefreshStaysAsItIs() throws Exception {
        StoredConnection known = expired();
        Secret anew = secret("access-new", Long.toString(BEGIN + 60_000)).with("refresh_token", "refresh-new");
        endpoint = number -> {
            put(anew, GrantState.NONE);
            return granted("access-" + number, "refresh-" + number);
        };
        assertThat(token(current(known))).isEqualTo("access-new");
        assertThat(stored().secret()).isEqualTo(anew);
        assertThat(requests).hasValue(1);
    }

    @Test
    void aConnectionWhoseLabelsChangedDuringItsRefreshGetsTheNewTokenToo() throws Exception {
        StoredConnection known = expired();
        endpoint = number -> {
            ConnectionRecord record = known.connection();
            store.put(
                    record.withVariables(Map.of("api", "https://other.example")), known.secret(), CredentialStore.ANY);
            return granted("access-" + number, "refresh-" + number);
        };
        assertThat(token(current(known))).isEqualTo("access-1");
        assertThat(stored().connection().variables()).containsEntry("api", "https://other.example");
        assertThat(stored().secret().get("refresh_token")).isEqualTo("refresh-1");
    }

    @Test
    void aLateAnswerHealsAGrantThatAnotherOwnerHadToCallDead() throws Exception {
        StoredConnection known = expired();
        endpoint = number -> {
            try (AccessTokens other = tokens("two", store)) {
                assertThat(watched(other, stored())).isInstanceOf(Access.ReauthorizationRequired.class);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return granted("access-" + number, "refresh-" + number);
        };
        assertThat(token(current(known))).isEqualTo("access-1");
        assertThat(stored().grant().dead()).isNull();
        assertThat(requests).hasValue(1);
    }

    @Test
    void invalidGrantAfterALostRaceIsNotBelieved() throws Exception {
        StoredConnection known = expired();
        endpoint = number -> {
            put(
                    secret("access-new", Long.toString(BEGIN + 60_000)).with("refresh_token", "refresh-new"),
                    GrantState.NONE);
            return dead();
        };
        assertThat(token(current(known))).isEqualTo("access-new");
        assertThat(events).isEmpty();
    }

    @Test
    void aRejectedTokenIsReplacedOnceForAllWhoMeetIt() throws Exception {
        StoredConnection known = valid();
        for (Future<Access> each : atOnce(500, () -> replace(known))) {
            assertThat(token(each.get())).isEqualTo("access-1");
        }
        assertThat(token(replace(known))).as("and for whoever comes late").isEqualTo("access-1");
        assertThat(requests).hasValue(1);
    }

    @Test
    void aVendorThatRejectsFreshTokensIsNotAskedForMoreAndMore() throws Exception {
        StoredConnection known = valid();
        StoredConnection fresh = ((Access.Usable) replace(known)).connection();
        for (int i = 0; i < 100; i++) {
            tokens.freshOneRejected(fresh);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(replace(stored())).isInstanceOf(Access.ReauthorizationRequired.class);
        }
        assertThat(requests).hasValue(1);
        assertThat(events).containsExactly("refreshed", "reauthorization_required");
        assertThat(token(current(stored()))).as("for other tools it may do").isEqualTo("access-1");

        passes(Duration.ofMinutes(1));
        StoredConnection second = ((Access.Usable) replace(stored())).connection();
        tokens.freshOneRejected(second);
        passes(Duration.ofSeconds(61));
        assertThat(replace(stored())).as("longer each time").isInstanceOf(Access.ReauthorizationRequired.class);
        passes(Duration.ofSeconds(60));
        assertThat(token(replace(stored()))).isEqualTo("access-3");
        tokens.freshOneAccepted(stored());
        assertThat(token(replace(stored()))).isEqualTo("access-4");
        assertThat(events).containsOnlyOnce("reauthorization_required");
    }

    @Test
    void aVendorThatGivesTheSameTokenAgainIsAskedOnceAhead() throws Exception {
        StoredConnection known = valid();
        endpoint = number -> granted("access-0", "refresh-" + number);
        passes(Duration.ofMinutes(29));
        current(known);
        Await.until(
                "refreshed",
                Duration.ofSeconds(10),
                () -> events.size() == 1 && tokens.counts().underWay() == 0);
        for (int i = 0; i < 50; i++) {
            assertThat(token(current(stored()))).isEqualTo("access-0");
        }
        assertThat(requests).hasValue(1);
    }

    @Test
    void aVendorThatGivesARejectedTokenAgainIsAskedOnceForAllWhoMeetIt() throws Exception {
        StoredConnection known = valid();
        endpoint = number -> granted("access-0", "refresh-" + number);
        passes(Duration.ofMinutes(1));
        for (Future<Access> each : atOnce(200, () -> replace(known))) {
            assertThat(token(each.get())).isEqualTo("access-0");
        }
        assertThat(requests).hasValue(1);
        tokens.freshOneRejected(stored());
        assertThat(replace(stored())).isInstanceOf(Access.ReauthorizationRequired.class);
        assertThat(requests).hasValue(1);
    }

    @Test
    void aNewTokenIsNotUsedBeforeItIsStored() throws Exception {
        StoredConnection known = expired();
        AtomicInteger refusals = new AtomicInteger();
        CredentialStore failing = new Failing(store, refusals);
        try (AccessTokens other = tokens("two", failing)) {
            endpoint = number -> {
                refusals.set(3);
                return granted("access-" + number, "refresh-" + number);
            };
            assertThat(current(other, known, OWNED)).isInstanceOf(Access.Unavailable.class);
            Await.until(
                    "stored in the end",
                    Duration.ofSeconds(20),
                    () -> "refresh-1".equals(stored().secret().get("refresh_token")));
            Await.until("and used", Duration.ofSeconds(5), () -> current(other, known, OWNED) instanceof Access.Usable);
        }
        assertThat(requests).hasValue(1);
    }

    /** A store that cannot be written for so many times. */
    private record Failing(CredentialStore store, AtomicInteger refusals) implements CredentialStore {
        @Override
        public StoredConnection find(String tenant, String connection) {
            return store.find(tenant, connection);
        }

        @Override
        public StoredConnection findNow(String tenant, String connection) {
            return store.findNow(tenant, connection);
        }

        @Override
        public List<ConnectionRecord> list(String tenant) {
            return store.list(tenant);
        }

        @Override
        public long put(ConnectionRecord connection, Secret secret, GrantState grant, long expectedVersion) {
            if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new CredentialsUnavailableException("the disk is full");
            }
            return store.put(connection, secret, grant, expectedVersion);
        }

        @Override
        public boolean remove(String tenant, String connection) {
            return store.remove(tenant, connection);
        }
    }

    @Test
    void aRemovedConnectionDoesNotComeBack() throws Exception {
        StoredConnection known = expired();
        endpoint = number -> {
            store.remove("acme", "books");
            return granted("access-" + number, "refresh-" + number);
        };
        assertThat(current(known)).isInstanceOf(Access.Gone.class);
        assertThat(stored()).isNull();
    }

    @Test
    void aDeadlineEndsTheWaitAndNotTheRefresh() throws Exception {
        StoredConnection known = expired();
        CountDownLatch answer = new CountDownLatch(1);
        endpoint = number -> {
            await(answer);
            return granted("access-" + number, "refresh-" + number);
        };
        assertThat(tokens.current(
                        known,
                        connector,
                        OAuthVendor.auth(connector),
                        OWNED,
                        nanoTime() + Duration.ofMillis(50).toNanos()))
                .isInstanceOf(Access.TooLate.class);
        answer.countDown();
        Await.until("stored", Duration.ofSeconds(10), () -> "access-1".equals(Grant.accessToken(stored())));
    }

    @Test
    void whatTheReplySaysOfVariablesIsKeptWhereItFits() throws Exception {
        endpoint = number -> answered(
                200,
                "{\"access_token\":\"access-" + number + "\",\"region\":\"" + (number == 1 ? "us-2" : "x/../y")
                        + "\"}");
        StoredConnection first = ((Access.Usable) current(expired())).connection();
        assertThat(first.connection().variables()).containsEntry("region", "us-2");
        assertThat(first.secret().get("refresh_token"))
                .as("it stays where none is given")
                .isEqualTo("refresh-0");
        assertThat(Grant.expiresAt(first.secret()))
                .as("the connector's life where none is told")
                .isEqualTo(BEGIN + Duration.ofMinutes(20).toMillis());
        StoredConnection second = ((Access.Usable) replace(first)).connection();
        assertThat(Grant.accessToken(second)).isEqualTo("access-2");
        assertThat(second.connection().variables()).containsEntry("region", "us-2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>",
                "[]",
                "{}",
                "{\"access_token\":\"\"}",
                "{\"access_token\":{\"a\":1}}",
                "{\"access_token\":\"a\\r\\nX: y\"}",
                "{\"access_token\":"
            })
    void anAnswerWithoutATokenIsSaidPlainly(String body) throws Exception {
        endpoint = number -> answered(200, body);
        Access access = current(expired());
        assertThat(access).isInstanceOf(Access.Unavailable.class);
        assertThat(((Access.Unavailable) access).message()).contains("access_token");
        assertThat(requests).hasValue(1);
    }

    @Test
    void anEndlessOrDeepAnswerIsNotRead() throws Exception {
        endpoint = number -> answered(200, number == 1 ? "[".repeat(10_000) : " ".repeat(70_000));
        assertThat(current(expired())).isInstanceOf(Access.Unavailable.class);
        passes(Duration.ofMinutes(1));
        assertThat(current(stored())).isInstanceOf(Access.Unavailable.class);
        assertThat(requests).hasValue(2);
    }

    @Test
    void closingWaitsForAnAnswerThatIsOnItsWay() throws Exception {
        StoredConnection known = expired();
        CountDownLatch answer = new CountDownLatch(1);
        endpoint = number -> {
            await(answer);
            return granted("access-" + number, "refresh-" + number);
        };
        AccessTokens other = tokens("two", store);
        Future<Access> waiting = calls.submit(() -> current(other, known, OWNED));
        Await.until("the request is there", Duration.ofSeconds(10), () -> requests.get() == 1);
        Future<?> closed = calls.submit(other::close);
        assertThat(state(closed)).isEqualTo(Future.State.RUNNING);
        answer.countDown();
        closed.get();
        assertThat(stored().secret().get("refresh_token")).isEqualTo("refresh-1");
        assertThat(token(waiting.get())).isEqualTo("access-1");
    }

    /** The state that it still has after a moment. */
    private static Future.State state(Future<?> future) throws InterruptedException {
        Thread.sleep(200);
        return future.state();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
