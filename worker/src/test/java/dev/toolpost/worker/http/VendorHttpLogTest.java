package dev.toolpost.worker.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class VendorHttpLogTest {

    @Test
    void credentialsAndBodiesAreNotLoggedAtAnyLevel() throws IOException {
        Logger log = (Logger) LoggerFactory.getLogger("org.apache.hc");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        log.addAppender(lines);
        log.setAdditive(false);
        log.setLevel(Level.TRACE);
        try (ScriptedServer vendor = ScriptedServer.answering(
                        "HTTP/1.1 200 OK\r\nX-Answer: canary-4\r\nContent-Length: 8\r\n\r\ncanary-5");
                VendorHttp http = new VendorHttp(
                        VendorHttpSettings.DEFAULTS.withAddresses(AddressPolicy.allowing(List.of("127.0.0.1"))))) {
            HttpOutcome outcome = http.exchange(
                    new VendorRequest(
                            "POST",
                            vendor.uri("/things"),
                            List.of(Map.entry("Authorization", "Bearer canary-1"), Map.entry("X-Key", "canary-2")),
                            "canary-3".getBytes(UTF_8)),
                    System.nanoTime() + 20_000_000_000L);

            assertThat(outcome).isInstanceOf(HttpOutcome.Answered.class);
            assertThat(lines.list).isNotEmpty();
            assertThat(lines.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .noneMatch(line -> line.contains("canary"));
        } finally {
            log.detachAppender(lines);
            log.setAdditive(true);
            log.setLevel(null);
        }
    }
}
