package dev.toolpost.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class FaultTest {

    private static final String CONTACTS = "/crm/v3/objects/contacts";

    private final SimulatedVendor vendor = SimulatedVendor.builder().unlimited().start();

    @AfterEach
    void stop() {
        vendor.close();
    }

    private Http.Answer list() throws Exception {
        return Http.vendor(vendor, "GET", CONTACTS + "?limit=2", null);
    }

    private Socket create(String email) throws IOException {
        String body = "{\"properties\":{\"email\":\"" + email + "\"}}";
        Socket socket = Http.connect(vendor.uri());
        socket.getOutputStream()
                .write(Http.request("POST " + CONTACTS + " HTTP/1.1\nHost: x\nAuthorization: Bearer "
                        + SimulatedVendor.DEFAULT_TOKEN + "\nContent-Length: " + body.length() + "\n\n" + body));
        return socket;
    }

    private int created(String email) {
        return vendor.writes("create", "contacts", email);
    }

    @Test
    void aResetBeforeProcessingLeavesNoTrace() throws Exception {
        vendor.inject(Fault.resetBeforeProcessing());
        try (Socket socket = create("a@example.org")) {
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(created("a@example.org")).isZero();
    }

    @Test
    void aResetAfterProcessingLeavesTheRecord() throws Exception {
        vendor.inject(Fault.resetAfterProcessing());
        try (Socket socket = create("b@example.org")) {
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(created("b@example.org")).isEqualTo(1);
    }

    @Test
    void aStallSendsTheHeadAndNoWholeBody() throws Exception {
        vendor.inject(Fault.stall());
        try (Socket socket = create("c@example.org")) {
            assertThat(Http.readUntil(socket.getInputStream(), "\r\n\r\n")).startsWith("HTTP/1.1 201");
            socket.setSoTimeout(300);
            assertThatThrownBy(() -> Http.readUntil(socket.getInputStream(), "never"))
                    .isInstanceOf(SocketTimeoutException.class);
        }
        assertThat(created("c@example.org")).isEqualTo(1);
    }

    @Test
    void silenceIsSilence() throws Exception {
        vendor.inject(Fault.of(Fault.Kind.SILENCE));
        try (Socket socket = create("d@example.org")) {
            socket.setSoTimeout(300);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        }
        assertThat(created("d@example.org")).isEqualTo(1);
    }

    @Test
    void garbageIsNoHttp() throws Exception {
        vendor.inject(Fault.garbage());
        assertThatThrownBy(this::list).isInstanceOf(IOException.class);
    }

    @Test
    void aTruncatedBodyEndsEarly() throws Exception {
        vendor.inject(Fault.of(Fault.Kind.TRUNCATE));
        assertThatThrownBy(this::list).isInstanceOf(IOException.class);
    }

    @Test
    void anEndlessBodyGoesOnUntilTheClientLeaves() throws Exception {
        vendor.inject(Fault.of(Fault.Kind.ENDLESS).times(1));
        try (Socket socket = create("e@example.org")) {
            InputStream in = socket.getInputStream();
            assertThat(in.readNBytes(3 << 20)).hasSize(3 << 20);
        }
        assertThat(list().status()).isEqualTo(200);
    }

    @Test
    void aGzipBombUnpacksToMuchMore() throws Exception {
        vendor.inject(Fault.of(Fault.Kind.GZIP_BOMB));
        try (Socket socket = create("f@example.org")) {
            String head = Http.readUntil(socket.getInputStream(), "\r\n\r\n");
            assertThat(head).contains("Content-Encoding: gzip");
            int at = head.indexOf("Content-Length: ") + 16;
            int length = Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
            assertThat(length).isLessThan(1 << 20);
            byte[] packed = socket.getInputStream().readNBytes(length);
            try (InputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(packed))) {
                assertThat(unpacked.skip(100L << 20)).isEqualTo(100L << 20);
            }
        }
    }

    @Test
    void aNestingBombIsNested() throws Exception {
        vendor.inject(Fault.of(Fault.Kind.NESTING_BOMB));
        assertThat(list().body()).hasSize(200_000).startsWith("[[[[").endsWith("]]]]");
    }

    @Test
    void aPageOfHtmlIsNoJson() throws Exception {
        vendor.inject(Fault.of(Fault.Kind.NOT_JSON));
        assertThat(list().header("Content-Type")).startsWith("text/html");
    }

    @Test
    void statusesComeInTheVendorsShapeOrAGivenOne() throws Exception {
        vendor.inject(Fault.status(503).times(1));
        vendor.inject(Fault.throttled(429, "-5").times(1));
        vendor.inject(Fault.status(200).body("{\"status\":\"error\"}").times(1));
        vendor.inject(Fault.status(403).header("Retry-After", "2").body("{}").times(1));
        Http.Answer unavailable = list();
        assertThat(unavailable.status()).isEqualTo(503);
        assertThat(unavailable.json().path("status").asString()).isEqualTo("error");
        Http.Answer throttled = list();
        assertThat(throttled.header("Retry-After")).isEqualTo("-5");
        assertThat(throttled.json().path("errorType").asString()).isEqualTo("RATE_LIMIT");
        assertThat(list().body()).isEqualTo("{\"status\":\"error\"}");
        assertThat(list().header("Retry-After")).isEqualTo("2");
        assertThat(list().status()).isEqualTo(200);
        assertThat(vendor.stats().faults()).isEqualTo(4);
        assertThat(vendor.stats().violations()).isZero();
        assertThat(vendor.stats().byStatus()).containsEntry(503, 1L).containsEntry(200, 2L);
    }

    @Test
    void aStatusAfterProcessingHidesASuccess() throws Exception {
        vendor.inject(Fault.statusAfterProcessing(502));
        assertThat(Http.vendor(vendor, "POST", CONTACTS, "{\"properties\":{\"email\":\"g@example.org\"}}")
                        .status())
                .isEqualTo(502);
        assertThat(created("g@example.org")).isEqualTo(1);
    }

    @Test
    void latenciesAddUpAndDoNotHoldOthers() throws Exception {
        vendor.inject(Fault.latency(Duration.ofMillis(200)).on("GET", CONTACTS + "/51"));
        vendor.inject(Fault.latency(Duration.ofMillis(100)).on(null, CONTACTS + "/51"));
        long begun = System.nanoTime();
        Thread other = Thread.ofVirtual().start(() -> {
            for (int i = 0; i < 10; i++) {
                try {
                    list();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        Http.vendor(vendor, "GET", CONTACTS + "/51", null);
        assertThat(System.nanoTime() - begun)
                .isGreaterThanOrEqualTo(Duration.ofMillis(300).toNanos());
        other.join();
    }

    @Test
    void probabilityFollowsTheSeed() throws Exception {
        List<List<Integer>> runs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            vendor.reset();
            vendor.inject(Fault.status(500).probability(0.3, 42));
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                statuses.add(list().status());
            }
            runs.add(statuses);
        }
        assertThat(runs.get(0)).isEqualTo(runs.get(1));
        assertThat(runs.get(0).stream().filter(status -> status == 500).count()).isBetween(15L, 45L);
    }

    @Test
    void pagesMayRepeatTheirCursorOrLeadAway() throws Exception {
        vendor.inject(Fault.of(Fault.Kind.REPEAT_CURSOR).times(1));
        vendor.inject(Fault.of(Fault.Kind.FOREIGN_LINK).times(1));
        JsonNode repeated =
                Http.vendor(vendor, "GET", CONTACTS + "?limit=2&after=53", null).json();
        assertThat(repeated.at("/paging/next/after").asString()).isEqualTo("53");
        assertThat(list().json().at("/paging/next/link").asString()).startsWith("http://collector.example.net/");
    }

    @Test
    void aClientThatLeavesDuringALatencyDoesNoHarm() throws Exception {
        vendor.inject(Fault.latency(Duration.ofMillis(100)).on("POST", "*"));
        create("h@example.org").close();
        create("i@example.org").close();
        // This answer becomes due after the other two.
        assertThat(Http.vendor(vendor, "POST", CONTACTS, "{\"properties\":{\"email\":\"j@example.org\"}}")
                        .status())
                .isEqualTo(201);
        assertThat(created("h@example.org") + created("i@example.org")).isEqualTo(2);
        assertThat(list().status()).isEqualTo(200);
    }
}
