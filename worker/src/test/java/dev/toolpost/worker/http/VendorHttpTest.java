package dev.toolpost.worker.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.worker.http.HttpOutcome.Answered;
import dev.toolpost.worker.http.HttpOutcome.NotSent;
import dev.toolpost.worker.http.HttpOutcome.NotSentCause;
import dev.toolpost.worker.http.HttpOutcome.TooLarge;
import dev.toolpost.worker.http.HttpOutcome.Unanswered;
import dev.toolpost.worker.http.HttpOutcome.UnansweredCause;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class VendorHttpTest {

    private static final Duration PATIENT = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(300);

    /** What a busy machine may add to a deadline; far below what any of these servers would take. */
    private static final Duration SLACK = Duration.ofSeconds(3);

    private static final VendorHttpSettings LOOPBACK =
            VendorHttpSettings.DEFAULTS.withAddresses(AddressPolicy.allowing(List.of("127.0.0.0/8")));

    private VendorHttp http = new VendorHttp(LOOPBACK);

    @AfterEach
    void close() {
        http.close();
    }

    @Test
    void aWholeAnswerComesBackWithStatusHeadersAndBody() throws IOException {
        try (ScriptedServer vendor = ScriptedServer.answering(
                "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 8\r\n\r\n{\"a\": 1}")) {
            Answered answer = (Answered) get(vendor.uri("/x?q=1"), PATIENT);

            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.headers().first("content-type")).isEqualTo("application/json");
            assertThat(answer.headers().all("X-A")).containsExactly("1", "2");
            assertThat(text(answer)).isEqualTo("{\"a\": 1}");
            assertThat(vendor.requests().getFirst())
                    .startsWith("GET /x?q=1 HTTP/1.1\r\n")
                    .contains("User-Agent: Toolpost\r\n", "Accept-Encoding: gzip\r\n")
                    .doesNotContainIgnoringCase("upgrade");
        }
    }

    @Test
    void theBodyIsSentOnceWithItsLength() throws IOException {
        try (ScriptedServer vendor = ScriptedServer.answering("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")) {
            Answered answer = (Answered) http.exchange(
                    new VendorRequest(
                            "POST",
                            vendor.uri("/things"),
                            List.of(Map.entry("Content-Type", "application/json"), Map.entry("X-Key", "k")),
                            "{\"é\":1}".getBytes(UTF_8)),
                    in(PATIENT));

            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.body()).isEmpty();
            assertThat(vendor.requests().getFirst())
                    .contains("Content-Length: 8\r\n", "Content-Type: application/json\r\n", "X-Key: k\r\n")
                    .endsWith("\r\n\r\n{\"é\":1}");
        }
    }

    @Test
    void anEncodedPathGoesOutAsItIs() throws IOException {
        try (ScriptedServer vendor = ScriptedServer.answering("HTTP/1.1 204 No Content\r\n\r\n")) {
            get(vendor.uri("/a%2Fb/%2e%2E//c;d=%20?x=%26&y[]=1&z=a+b"), PATIENT);

            assertThat(vendor.requests().getFirst())
                    .startsWith("GET /a%2Fb/%2e%2E//c;d=%20?x=%26&y[]=1&z=a+b HTTP/1.1\r\n");
        }
    }

    @Test
    void connectionsAreKeptAndUsedAgain() throws IOException {
        try (ScriptedServer vendor = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) {
            for (int i = 0; i < 20; i++) {
                assertThat(get(vendor.uri("/"), PATIENT)).isInstanceOf(Answered.class);
            }
            assertThat(vendor.connections()).isEqualTo(1);
        }
    }

    @Test
    void headersThenAStalledBodyEndAtTheDeadline() throws IOException {
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":");
            connection.stall();
        })) {
            assertLate(get(vendor.uri("/"), SHORT));
        }
    }

    @Test
    void anAnswerThatNeverBeginsEndsAtTheDeadline() throws IOException {
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
            connection.readRequest();
            connection.stall();
        })) {
            assertLate(get(vendor.uri("/"), SHORT));
        }
    }

    @Test
    void headersThatDripEndAtTheDeadline() throws IOException {
        try (ScriptedServer vendor = dripping("HTTP/1.1 200 OK\r\nX: ", "x")) {
            assertLate(get(vendor.uri("/"), SHORT));
        }
    }

    @Test
    void aBodyThatDripsEndsAtTheDeadline() throws IOException {
        try (ScriptedServer vendor = dripping("HTTP/1.1 200 OK\r\n\r\n", " ")) {
            assertLate(get(vendor.uri("/"), SHORT));
        }
    }

    @Test
    void interimAnswersWithoutEndEndAtTheDeadline() throws IOException {
        try (ScriptedServer vendor = dripping("", "HTTP/1.1 103 Early Hints\r\n\r\n")) {
            assertLate(get(vendor.uri("/"), SHORT));
        }
    }

    @Test
    void aVendorThatDoesNotReadTheBodyEndsAtTheDeadline() throws IOException {
        try (ScriptedServer vendor = new ScriptedServer(ScriptedServer.Connection::stall)) {
            HttpOutcome outcome =
                    http.exchange(new VendorRequest("POST", vendor.uri("/"), List.of(), new byte[32 << 20]), in(SHORT));

            assertLate(outcome);
        }
    }

    @Test
    void manyStalledExchangesAllEndAtTheirDeadlines() throws Exception {
        try (ScriptedServer vendor = new ScriptedServer(ScriptedServer.Connection::stall);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                Duration deadline = SHORT.plusMillis(i % 7 * 30L);
                outcomes.add(threads.submit(() -> get(vendor.uri("/"), deadline)));
            }
            for (Future<HttpOutcome> outcome : outcomes) {
                assertThat(outcome.get().took())
                        .isGreaterThan(SHORT.minusMillis(1))
                        .isLessThan(SHORT.plus(SLACK));
            }
            assertThat(http.underWay()).isZero();
        }
    }

    @Test
    void anEndlessBodyIsCutOffAtTheCap() throws IOException {
        limitBodiesTo(1 << 20);
        try (ScriptedServer vendor = endless("HTTP/1.1 200 OK\r\n\r\n", "x".repeat(8192))) {
            TooLarge outcome = (TooLarge) get(vendor.uri("/"), PATIENT);

            assertThat(outcome.capBytes()).isEqualTo(1 << 20);
            assertThat(outcome.took()).isLessThan(PATIENT);
        }
    }

    @Test
    void anEndlessChunkedBodyIsCutOffAtTheCap() throws IOException {
        limitBodiesTo(1 << 20);
        try (ScriptedServer vendor = endless(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "2000\r\n" + "x".repeat(8192) + "\r\n")) {
            assertThat(get(vendor.uri("/"), PATIENT)).isInstanceOf(TooLarge.class);
        }
    }

    @Test
    void aBodyThatAnnouncesMoreThanTheCapIsNotRead() throws IOException {
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n");
            connection.stall();
        })) {
            assertThat(get(vendor.uri("/"), PATIENT)).isInstanceOf(TooLarge.class);
        }
    }

    @Test
    void aBodyOfExactlyTheCapIsWhole() throws IOException {
        limitBodiesTo(100_000);
        String body = "y".repeat(100_000);
        try (ScriptedServer vendor =
                ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + body)) {
            assertThat(text(get(vendor.uri("/"), PATIENT))).isEqualTo(body);
        }
    }

    @Test
    void aGzipBombIsCutOffAtTheCap() throws IOException {
        limitBodiesTo(1 << 20);
        byte[] bomb = gzip(new byte[64 << 20]);
        assertThat(bomb.length).isLessThan(1 << 20);
        try (ScriptedServer vendor = answeringGzip(bomb)) {
            assertThat(get(vendor.uri("/"), PATIENT)).isInstanceOf(TooLarge.class);
        }
    }

    @Test
    void gzipIsDecodedAndItsHeadersAreGone() throws IOException {
        try (ScriptedServer vendor = answeringGzip(gzip("{\"a\":\"ü\"}".getBytes(UTF_8)))) {
            Answered answer = (Answered) get(vendor.uri("/"), PATIENT);

            assertThat(text(answer)).isEqualTo("{\"a\":\"ü\"}");
            assertThat(answer.headers().first("Content-Encoding")).isNull();
            assertThat(answer.headers().first("Content-Length")).isNull();
        }
    }

    @Test
    void damagedGzipStaysAsItCame() throws IOException {
        byte[] damaged = gzip("{\"a\":1}".getBytes(UTF_8));
        damaged[damaged.length - 6] ^= 0x55;
        try (ScriptedServer vendor = answeringGzip(damaged)) {
            Answered answer = (Answered) get(vendor.uri("/"), PATIENT);

            assertThat(answer.body()).isEqualTo(damaged);
            assertThat(answer.headers().first("Content-Encoding")).isEqualTo("gzip");
        }
    }

    @Test
    void aResetAfterTheRequestWasReadIsUnanswered() throws IOException {
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
            connection.readRequest();
            connection.reset();
        })) {
            assertBroken(get(vendor.uri("/"), PATIENT));
        }
    }

    @Test
    void aResetBeforeTheRequestWasReadWholeIsUnansweredSinceNothingProvesIt() throws IOException {
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
            connection.readByte();
            connection.reset();
        })) {
            assertBroken(get(vendor.uri("/"), PATIENT));
        }
    }

    @Test
    void aConnectionThatEndsWithinTheBodyIsUnanswered() throws IOException {
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":");
        })) {
            assertBroken(get(vendor.uri("/"), PATIENT));
        }
    }

    @Test
    void aConnectionThatEndsWithinAChunkIsUnanswered() throws IOException {
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"half\":");
        })) {
            assertThat(get(vendor.uri("/"), PATIENT)).isInstanceOf(Unanswered.class);
        }
    }

    @Test
    void aKeptConnectionThatTheVendorClosesOnTheNextRequestIsUnansweredAndNotSentAgain() throws IOException {
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            connection.readRequest();
        })) {
            assertThat(get(vendor.uri("/1"), PATIENT)).isInstanceOf(Answered.class);
            assertBroken(get(vendor.uri("/2"), PATIENT));
            assertThat(vendor.requests()).hasSize(2);
        }
    }

    @Test
    void aKeptConnectionThatTheVendorHasClosedIsReplacedBeforeAnythingIsSent() throws IOException {
        http.close();
        http = new VendorHttp(LOOPBACK.withValidateAfter(Duration.ZERO));
        CountDownLatch closed = new CountDownLatch(1);
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            connection.reset();
            closed.countDown();
        })) {
            assertThat(get(vendor.uri("/1"), PATIENT)).isInstanceOf(Answered.class);
            awaitQuietly(closed);
            assertThat(get(vendor.uri("/2"), PATIENT)).isInstanceOf(Answered.class);
            assertThat(vendor.connections()).isEqualTo(2);
        }
    }

    @Test
    void garbageInsteadOfHttpIsUnanswered() throws IOException {
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
            connection.readRequest();
            connection.write("SSH-2.0-OpenSSH_9.9\r\n\r\n\u0001\u0002\u0003".repeat(200));
        })) {
            assertNotHttp(get(vendor.uri("/"), PATIENT));
        }
    }

    @Test
    void aHeaderWithoutEndIsUnanswered() throws IOException {
        try (ScriptedServer vendor = endless("HTTP/1.1 200 OK\r\nX: ", "x".repeat(8192))) {
            assertNotHttp(get(vendor.uri("/"), PATIENT));
        }
    }

    @Test
    void headersWithoutNumberAreUnanswered() throws IOException {
        try (ScriptedServer vendor = endless("HTTP/1.1 200 OK\r\n", "X: y\r\n".repeat(100))) {
            assertNotHttp(get(vendor.uri("/"), PATIENT));
        }
    }

    @Test
    void aBadChunkIsUnanswered() throws IOException {
        try (ScriptedServer vendor = ScriptedServer.answering(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")) {
            assertThat(get(vendor.uri("/"), PATIENT)).isInstanceOf(Unanswered.class);
        }
    }

    @Test
    void aRefusedConnectionIsNotSent() throws IOException {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        assertNotSent(get(URI.create("http://127.0.0.1:" + port + "/"), PATIENT), NotSentCause.UNREACHABLE);
    }

    @Test
    void aConnectThatNobodyAnswersIsNotSentAndEndsAtTheDeadline() throws IOException {
        // Nobody accepts and the backlog is full: the system ignores further attempts to connect.
        try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<Socket> fillers = new ArrayList<>();
            try {
                for (int i = 0; i < 4; i++) {
                    Socket filler = new Socket();
                    fillers.add(filler);
                    try {
                        filler.connect(deaf.getLocalSocketAddress(), 200);
                    } catch (IOException full) {
                        break;
                    }
                }
                HttpOutcome outcome = get(URI.create("http://127.0.0.1:" + deaf.getLocalPort() + "/"), SHORT);
                assertNotSent(outcome, NotSentCause.DEADLINE);
                assertThat(outcome.took()).isLessThan(SHORT.plus(SLACK));
            } finally {
                for (Socket filler : fillers) {
                    filler.close();
                }
            }
        }
    }

    @Test
    void aStalledTlsHandshakeIsNotSentAndEndsAtTheDeadline() throws IOException {
        try (ScriptedServer vendor = new ScriptedServer(ScriptedServer.Connection::stall)) {
            HttpOutcome outcome = get(URI.create("https://127.0.0.1:" + vendor.port() + "/"), SHORT);

            assertNotSent(outcome, NotSentCause.DEADLINE);
            assertThat(outcome.took()).isLessThan(SHORT.plus(SLACK));
        }
    }

    @Test
    void aFailedTlsHandshakeIsNotSent() throws IOException {
        try (ScriptedServer vendor = new ScriptedServer(connection -> connection.write("HTTP/1.1 400 Bad\r\n\r\n"))) {
            assertNotSent(
                    get(URI.create("https://127.0.0.1:" + vendor.port() + "/"), PATIENT), NotSentCause.UNREACHABLE);
        }
    }

    @Test
    void waitingForAFreeConnectionIsNotSentAndEndsAtTheDeadline() throws Exception {
        http.close();
        http = new VendorHttp(LOOPBACK.withConnectionsPerHost(1));
        CountDownLatch reached = new CountDownLatch(1);
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
                    connection.readRequest();
                    reached.countDown();
                    connection.stall();
                });
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HttpOutcome> first = threads.submit(() -> get(vendor.uri("/"), Duration.ofSeconds(5)));
            reached.await();

            HttpOutcome second = get(vendor.uri("/"), SHORT);

            assertNotSent(second, NotSentCause.DEADLINE);
            assertThat(second.took()).isLessThan(SHORT.plus(SLACK));
            http.close();
            assertThat(first.get()).isInstanceOf(Unanswered.class);
        }
    }

    @Test
    void anUnknownNameIsNotSent() {
        http.close();
        http = new VendorHttp(LOOPBACK.withLookup(host -> {
            throw new UnknownHostException(host);
        }));
        assertNotSent(get(URI.create("http://nowhere.example/"), PATIENT), NotSentCause.UNREACHABLE);
    }

    @Test
    void aStalledNameLookupIsNotSentAndEndsAtTheDeadline() {
        CountDownLatch never = new CountDownLatch(1);
        http.close();
        http = new VendorHttp(LOOPBACK.withLookup(host -> {
            awaitQuietly(never);
            throw new UnknownHostException(host);
        }));

        HttpOutcome outcome = get(URI.create("http://slow.example/"), SHORT);

        assertNotSent(outcome, NotSentCause.DEADLINE);
        assertThat(outcome.took()).isLessThan(SHORT.plus(SLACK));
        never.countDown();
    }

    @Test
    void aPassedDeadlineIsNotSent() throws IOException {
        try (ScriptedServer vendor = ScriptedServer.answering("HTTP/1.1 200 OK\r\n\r\n")) {
            assertNotSent(get(vendor.uri("/"), Duration.ofMillis(-1)), NotSentCause.DEADLINE);
            assertThat(vendor.connections()).isZero();
        }
    }

    @Test
    void addressesThatAreNotPublicAreRefusedInEverySpelling() {
        http.close();
        http = new VendorHttp(VendorHttpSettings.DEFAULTS);
        for (String host : List.of(
                "127.0.0.1",
                "localhost",
                "2130706433",
                "127.1",
                "169.254.169.254",
                "10.0.0.1",
                "192.168.1.1",
                "172.16.0.1",
                "100.64.0.1",
                "0.0.0.0",
                "[::1]",
                "[::]",
                "[::ffff:127.0.0.1]",
                "[::ffff:a9fe:a9fe]",
                "[fe80::1]",
                "[fd00:ec2::254]",
                "[64:ff9b::7f00:1]",
                "[2002:7f00:1::]")) {
            assertNotSent(get(URI.create("http://" + host + ":9/"), PATIENT), NotSentCause.REFUSED);
        }
    }

    @Test
    void onlyTheCheckedAddressesOfANameAreConnectedTo() throws Exception {
        InetAddress allowed = InetAddress.ofLiteral("127.0.0.1");
        InetAddress hidden = InetAddress.ofLiteral("127.0.0.2");
        AtomicInteger lookups = new AtomicInteger();
        http.close();
        http = new VendorHttp(VendorHttpSettings.DEFAULTS
                .withAddresses(AddressPolicy.allowing(List.of("127.0.0.1")))
                .withLookup(host -> lookups.getAndIncrement() == 0
                        ? new InetAddress[] {hidden, allowed}
                        : new InetAddress[] {hidden}));
        try (ScriptedServer vendor =
                ScriptedServer.answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")) {
            URI uri = URI.create("http://rebinding.example:" + vendor.port() + "/");

            assertThat(get(uri, PATIENT)).isInstanceOf(Answered.class);
            assertNotSent(get(uri, PATIENT), NotSentCause.REFUSED);
            assertThat(lookups).hasValue(2);
        }
    }

    @Test
    void aRedirectIsAnAnswerAndNotFollowed() throws IOException {
        try (ScriptedServer other = ScriptedServer.answering("HTTP/1.1 200 OK\r\n\r\n");
                ScriptedServer vendor = ScriptedServer.answering(
                        "HTTP/1.1 302 Found\r\nLocation: " + other.uri("/steal") + "\r\nContent-Length: 0\r\n\r\n")) {
            Answered answer = (Answered) get(vendor.uri("/"), PATIENT);

            assertThat(answer.status()).isEqualTo(302);
            assertThat(other.connections()).isZero();
        }
    }

    @Test
    void cookiesAndChallengesChangeNothing() throws IOException {
        try (ScriptedServer vendor = ScriptedServer.answering(
                "HTTP/1.1 401 No\r\nSet-Cookie: a=b\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n")) {
            get(vendor.uri("/"), PATIENT);
            get(vendor.uri("/"), PATIENT);

            assertThat(vendor.requests()).hasSize(2).noneMatch(request -> request.contains("Cookie:"));
        }
    }

    @Test
    void aServerErrorIsNotSentAgain() throws IOException {
        try (ScriptedServer vendor = ScriptedServer.answering(
                "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")) {
            assertThat(((Answered) get(vendor.uri("/"), PATIENT)).status()).isEqualTo(503);
            assertThat(vendor.requests()).hasSize(1);
        }
    }

    @Test
    void onlyHttpWithAHostAndWithoutUserInformationIsSpoken() {
        for (String uri : List.of(
                "ftp://example.com/", "file:///etc/passwd", "http:/x", "http://a:b@example.com/", "http://e.x:0/")) {
            assertNotSent(get(URI.create(uri), PATIENT), NotSentCause.REFUSED);
        }
    }

    @Test
    void aRequestCannotBeMadeWithAHeaderThatEndsItsLine() {
        URI uri = URI.create("https://api.example.com/");
        for (Map.Entry<String, String> header : List.of(
                Map.entry("X-A", "1\r\nX-B: 2"),
                Map.entry("X-A", "1\nX-B: 2"),
                Map.entry("X-A\r\n", "1"),
                Map.entry("", "1"),
                Map.entry("Content-Length", "7"),
                Map.entry("transfer-encoding", "chunked"),
                Map.entry("Host", "other.example.com"),
                Map.entry("X-A", "\u2028"))) {
            assertThatThrownBy(() -> new VendorRequest("GET", uri, List.of(header), null))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aRequestAndItsAnswerDoNotPrintWhatTheyCarry() throws IOException {
        VendorRequest request = new VendorRequest(
                "GET",
                URI.create("https://api.example.com/a?apiKey=canary-1"),
                List.of(Map.entry("Authorization", "Bearer canary-2")),
                "canary-3".getBytes(UTF_8));

        assertThat(request.toString()).isEqualTo("VendorRequest[GET https://api.example.com/a, 8 bytes]");
        assertThat(request.redacted().url()).isEqualTo("https://api.example.com/a?apiKey=***");
        assertThat(request.redacted().headers()).containsExactly(Map.entry("Authorization", "***"));
        assertThat(new Answered(200, ResponseHeaders.of("X", "canary"), "canary".getBytes(UTF_8), Duration.ZERO)
                        .toString())
                .doesNotContain("canary");
    }

    private HttpOutcome get(URI uri, Duration timeout) {
        return http.exchange(new VendorRequest("GET", uri, List.of(), null), in(timeout));
    }

    private static long in(Duration timeout) {
        return System.nanoTime() + timeout.toNanos();
    }

    private static String text(HttpOutcome outcome) {
        return new String(((Answered) outcome).body(), UTF_8);
    }

    private void limitBodiesTo(int bytes) {
        http.close();
        http = new VendorHttp(LOOPBACK.withMaxBodyBytes(bytes));
    }

    private static ScriptedServer dripping(String beginning, String drop) throws IOException {
        return new ScriptedServer(connection -> {
            connection.readRequest();
            connection.write(beginning);
            while (true) {
                connection.write(drop);
                Thread.sleep(20);
            }
        });
    }

    private static ScriptedServer endless(String beginning, String piece) throws IOException {
        return new ScriptedServer(connection -> {
            connection.readRequest();
            connection.write(beginning);
            byte[] bytes = piece.getBytes(UTF_8);
            while (true) {
                connection.write(bytes);
            }
        });
    }

    private static ScriptedServer answeringGzip(byte[] body) throws IOException {
        return new ScriptedServer(connection -> {
            while (connection.readRequest()) {
                connection.write(
                        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + body.length + "\r\n\r\n");
                connection.write(body);
            }
        });
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void assertLate(HttpOutcome outcome) {
        assertThat(outcome).isInstanceOf(Unanswered.class);
        assertThat(((Unanswered) outcome).why()).isEqualTo(UnansweredCause.DEADLINE);
        assertThat(outcome.took()).isGreaterThan(SHORT.minusMillis(1)).isLessThan(SHORT.plus(SLACK));
    }

    private static void assertBroken(HttpOutcome outcome) {
        assertThat(outcome).isInstanceOf(Unanswered.class);
        assertThat(((Unanswered) outcome).why()).isEqualTo(UnansweredCause.BROKEN);
    }

    private static void assertNotHttp(HttpOutcome outcome) {
        assertThat(outcome).isInstanceOf(Unanswered.class);
        assertThat(((Unanswered) outcome).why()).isEqualTo(UnansweredCause.NOT_HTTP);
    }

    private static void assertNotSent(HttpOutcome outcome, NotSentCause why) {
        assertThat(outcome).isInstanceOf(NotSent.class);
        assertThat(((NotSent) outcome).why()).as(((NotSent) outcome).reason()).isEqualTo(why);
    }
}
