package dev.toolpost.scheduler;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.schemas.RegistryUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

class StreamsFailuresTest {

    private final AtomicLong nanos = new AtomicLong();
    private final List<Duration> pauses = new ArrayList<>();
    private final StreamsFailures failures = new StreamsFailures(nanos::get, this::pause);

    private void pause(long length) {
        pauses.add(Duration.ofNanos(length));
        nanos.addAndGet(length);
    }

    @Test
    void whatMayPassGetsANewThread() {
        assertThat(failures.handle(new StreamsException("poll", new TimeoutException("no answer"))))
                .isEqualTo(REPLACE_THREAD);
        assertThat(failures.handle(new IllegalStateException("a bug"))).isEqualTo(REPLACE_THREAD);
        assertThat(failures.lasting()).isNull();
    }

    @Test
    void whatStaysAsItIsStopsTheProcessWithItsReason() {
        for (Throwable lasting : new Throwable[] {
            new StreamsException("send", new TopicAuthorizationException("toolpost.resume.crm")),
            new SaslAuthenticationException("bad password"),
            new MissingSourceTopicException("toolpost.later")
        }) {
            StreamsFailures each = new StreamsFailures(nanos::get, this::pause);
            assertThat(each.handle(lasting)).isEqualTo(SHUTDOWN_CLIENT);
            assertThat(each.lasting()).isSameAs(lasting);
        }
    }

    @Test
    void threadsThatFailAgainAndAgainStopTheProcess() {
        for (int i = 0; i < 20; i++) {
            assertThat(failures.handle(new IllegalStateException("a bug"))).isEqualTo(REPLACE_THREAD);
        }
        assertThat(failures.handle(new IllegalStateException("a bug"))).isEqualTo(SHUTDOWN_CLIENT);
    }

    @Test
    void aRegistryThatIsAwayForLongStopsNothingAndIsAskedLessAndLessOften() {
        for (int i = 1; i <= 25; i++) {
            nanos.addAndGet(Duration.ofMillis(500).toNanos());
            assertThat(failures.handle(registryAway())).isEqualTo(REPLACE_THREAD);
        }
        assertThat(pauses.subList(0, 6))
                .containsExactly(seconds(2), seconds(4), seconds(8), seconds(16), seconds(16), seconds(16));
        assertThat(failures.lasting()).isNull();
    }

    @Test
    void whoWaitsForTheRegistrySaysSoUntilAWhileAfterItIsBack() {
        assertThat(failures.waiting()).isNull();
        failures.handle(registryAway());
        assertThat(failures.waiting()).contains("schema registry", "no answer");
        nanos.addAndGet(seconds(21).toNanos());
        assertThat(failures.waiting()).isNull();

        failures.handle(registryAway());
        assertThat(pauses).as("begins anew").containsExactly(seconds(2), seconds(2));
    }

    private static StreamsException registryAway() {
        return new StreamsException("process", new RegistryUnavailableException("no answer", null));
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }

    @Test
    void nowAndThenAFailureIsNothingToStopFor() {
        for (int i = 0; i < 200; i++) {
            nanos.addAndGet(Duration.ofMinutes(1).toNanos());
            assertThat(failures.handle(new IllegalStateException("a bug"))).isEqualTo(REPLACE_THREAD);
        }
    }
}
