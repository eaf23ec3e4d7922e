package dev.toolpost.scheduler;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.schemas.RegistryUnavailableException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

class StreamsFailuresTest {

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger pauses = new AtomicInteger();
    private final StreamsFailures failures = new StreamsFailures(nanos::get, pauses::incrementAndGet);

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
            StreamsFailures each = new StreamsFailures(nanos::get, pauses::incrementAndGet);
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
    void aRegistryThatIsAwayForLongStopsNothing() {
        for (int i = 1; i <= 25; i++) {
            nanos.addAndGet(Duration.ofSeconds(2).toNanos());
            assertThat(failures.handle(
                            new StreamsException("process", new RegistryUnavailableException("no answer", null))))
                    .isEqualTo(REPLACE_THREAD);
            assertThat(pauses).hasValue(i);
        }
    }

    @Test
    void nowAndThenAFailureIsNothingToStopFor() {
        for (int i = 0; i < 200; i++) {
            nanos.addAndGet(Duration.ofMinutes(1).toNanos());
            assertThat(failures.handle(new IllegalStateException("a bug"))).isEqualTo(REPLACE_THREAD);
        }
    }
}
