package dev.toolpost.worker.classify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.WaitSource.Form;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetryAfterTest {

    private static final Instant NOW = Instant.parse("2026-11-01T08:49:37Z");

    private static @Nullable Duration wait(Form form, @Nullable String value) {
        return RetryAfter.parse(value, form, NOW);
    }

    @Test
    void secondsAreReadAsTheyStand() {
        assertThat(wait(Form.RETRY_AFTER, "0")).isEqualTo(Duration.ZERO);
        assertThat(wait(Form.RETRY_AFTER, " 30 ")).isEqualTo(Duration.ofSeconds(30));
        assertThat(wait(Form.SECONDS, "1.5")).isEqualTo(Duration.ofMillis(1_500));
        assertThat(wait(Form.MILLIS, "250")).isEqualTo(Duration.ofMillis(250));
    }

    @Test
    void allThreeFormsOfHttpDatesAreReadAndIsoToo() {
        for (String date : List.of(
                "Sun, 01 Nov 2026 08:50:37 GMT",
                "Sunday, 01-Nov-26 08:50:37 GMT",
                "Sun Nov  1 08:50:37 2026",
                "2026-11-01T08:50:37Z",
                "2026-11-01T10:50:37+02:00")) {
            assertThat(wait(Form.RETRY_AFTER, date)).as(date).isEqualTo(Duration.ofMinutes(1));
            assertThat(wait(Form.DATE, date)).as(date).isEqualTo(Duration.ofMinutes(1));
        }
    }

    @Test
    void aTwoDigitYearIsTheOneAtMostFiftyYearsAhead() {
        assertThat(RetryAfter.moment("Sunday, 06-Nov-94 08:49:37 GMT", NOW))
                .isEqualTo(Instant.parse("1994-11-06T08:49:37Z"));
        assertThat(RetryAfter.moment("Wednesday, 06-Nov-30 08:49:37 GMT", NOW))
                .isEqualTo(Instant.parse("2030-11-06T08:49:37Z"));
    }

    @Test
    void momentsSince1970AreToldFromSeconds() {
        assertThat(wait(Form.RETRY_AFTER, "" + (NOW.getEpochSecond() + 7))).isEqualTo(Duration.ofSeconds(7));
        assertThat(wait(Form.RETRY_AFTER, "" + (NOW.toEpochMilli() + 7_000))).isEqualTo(Duration.ofSeconds(7));
        assertThat(wait(Form.EPOCH_SECONDS, "" + (NOW.getEpochSecond() + 7))).isEqualTo(Duration.ofSeconds(7));
        assertThat(wait(Form.EPOCH_MILLIS, "" + (NOW.toEpochMilli() + 7_000))).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void whatIsPastIsNoWait() {
        assertThat(wait(Form.RETRY_AFTER, "Sun, 01 Nov 2026 08:00:00 GMT")).isEqualTo(Duration.ZERO);
        assertThat(wait(Form.EPOCH_SECONDS, "17")).isEqualTo(Duration.ZERO);
        assertThat(wait(Form.DATE, "1970-01-01T00:00:00Z")).isEqualTo(Duration.ZERO);
    }

    @Test
    void absurdWaitsAreCapped() {
        for (String value : List.of("999999999", "999999999999999999999999999999", "Sun, 01 Nov 2099 08:50:37 GMT")) {
            assertThat(wait(Form.RETRY_AFTER, value)).as(value).isEqualTo(RetryAfter.LONGEST);
        }
        assertThat(wait(Form.DATE, "+999999999-12-31T23:59:59Z")).isEqualTo(RetryAfter.LONGEST);
    }

    @Test
    void whatIsNegativeMissingOrNoTimeSaysNothing() {
        for (String value :
                List.of("-1", "", "soon", "1e9", "0x10", "NaN", "Sun, 99 Nov 2026 08:50:37 GMT", "1".repeat(500))) {
            assertThat(wait(Form.RETRY_AFTER, value)).as(value).isNull();
        }
        assertThat(wait(Form.RETRY_AFTER, null)).isNull();
        assertThat(wait(Form.SECONDS, "Sun, 01 Nov 2026 08:50:37 GMT")).isNull();
        assertThat(wait(Form.MILLIS, "-5")).isNull();
    }
}
