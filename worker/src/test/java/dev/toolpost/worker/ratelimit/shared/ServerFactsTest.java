package dev.toolpost.worker.ratelimit.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ServerFactsTest {

    private static final String INFO = """
            # Server\r
            redis_version:7.2.4\r
            run_id:8f3c\r
            uptime_in_seconds:61\r
            # Replication\r
            role:master\r
            master_replid2:%s\r
            """;

    @Test
    void aServerRemembersSinceItsStart() {
        assertThat(ServerFacts.parse(INFO.formatted("0".repeat(40))))
                .isEqualTo(new ServerFacts("8f3c", Duration.ofSeconds(61)));
    }

    @Test
    void oneThatTookOverFromAnotherMayHaveMissedSomething() {
        assertThat(ServerFacts.parse(INFO.formatted("a".repeat(40)))).isEqualTo(new ServerFacts("8f3c", Duration.ZERO));
    }

    @Test
    void oneThatDoesNotSayWhoItIsIsRefused() {
        assertThatThrownBy(() -> ServerFacts.parse("# Server\r\nuptime_in_seconds:61\r\n"))
                .hasMessageContaining("INFO has no run_id");
    }
}
