package dev.toolpost.scheduler.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CronTimesTest {
    private static final String BERLIN = "Europe/Berlin";

    @Test
    void weekdaysAtHalfPastSixFollowTheZone() {
        assertEquals(
                List.of("2026-11-23T05:30:00Z", "2026-11-24T05:30:00Z", "2026-11-25T05:30:00Z"),
                next("30 6 * * MON-FRI", BERLIN, "2026-11-20T06:00:00Z", 3));
        assertEquals(
                List.of("2026-07-01T04:30:00Z"),
                next("30 6 1 * *", BERLIN, "2026-06-15T00:00:00Z", 1),
                "in summer the same time on the wall is an hour earlier");
    }

    @Test
    void dayOfMonthOrDayOfWeekIsEnoughWhereBothAreGiven() {
        assertEquals(
                List.of("2026-12-04T00:00:00Z", "2026-12-11T00:00:00Z", "2026-12-13T00:00:00Z", "2026-12-18T00:00:00Z"),
                next("0 0 13 * 5", "UTC", "2026-12-01T00:00:00Z", 4));
    }

    @Test
    void theTwentyNinthOfFebruaryComesInLeapYears() {
        assertEquals(
                List.of("2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"),
                next("0 0 29 2 *", "UTC", "2026-11-21T00:00:00Z", 2));
    }

    @Test
    void aTimeOfDayThatIsLeftOutComesAtTheMomentOfTheChangeAndOnce() {
        assertEquals(
                List.of("2026-03-28T01:15:00Z", "2026-03-28T01:45:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:15:00Z"),
                next("15,45 2 * * *", BERLIN, "2026-03-28T00:00:00Z", 4));
    }

    @Test
    void aTimeOfDayThatComesTwiceCountsAtItsFirstComing() {
        assertEquals(
                List.of("2026-10-25T00:15:00Z", "2026-10-25T00:45:00Z", "2026-10-26T01:15:00Z"),
                next("15,45 2 * * *", BERLIN, "2026-10-24T12:00:00Z", 3));
        assertEquals(
                List.of("2026-10-26T01:15:00Z"),
                next("15 2 * * *", BERLIN, "2026-10-25T01:05:00Z", 1),
                "asked in the hour that comes again");
    }

    @Test
    void aRhythmGoesOnThroughTheHourThatComesTwice() {
        assertEquals(
                List.of(
                        "2026-10-24T23:30:00Z",
                        "2026-10-25T00:00:00Z",
                        "2026-10-25T00:30:00Z",
                        "2026-10-25T01:00:00Z",
                        "2026-10-25T01:30:00Z",
                        "2026-10-25T02:00:00Z"),
                next("*/30 * * * *", BERLIN, "2026-10-24T23:00:00Z", 6));
    }

    @Test
    void aRhythmLeavesOutTheHourThatIsLeftOut() {
        assertEquals(
                List.of("2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"),
                next("0 * * * *", BERLIN, "2026-03-28T23:30:00Z", 3));
        assertEquals(
                List.of("2026-03-28T01:00:00Z", "2026-03-28T01:20:00Z", "2026-03-28T01:40:00Z", "2026-03-30T00:00:00Z"),
                next("*/20 2 * * *", BERLIN, "2026-03-28T00:00:00Z", 4),
                "all of its runs of that day lay in the hour that did not come");
    }

    @Test
    void aZoneWithHalfAnHourOfSummerTimeIsNoException() {
        assertEquals(
                List.of("2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"),
                next("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 2));
    }

    @Test
    void aDayThatAnIslandLeftOutCountsAsOneTime() {
        assertEquals(
                List.of("2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"),
                next("0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", 3));
    }

    @Test
    void everyYearOfEveryMinuteHasAsManyRunsAsMinutes() {
        CronTimes times = CronTimes.of("*/10 * * * *", "America/New_York");
        Instant at = Instant.parse("2026-01-01T00:00:00Z");
        Instant end = Instant.parse("2027-01-01T00:00:00Z");
        int count = 0;
        for (Instant next = times.after(at); next != null && !next.isAfter(end); next = times.after(next)) {
            assertTrue(next.isAfter(at));
            at = next;
            count++;
        }
        assertEquals(365 * 24 * 6, count, "a rhythm knows no short and no long day");
    }

    @Test
    void theLastMissedTimeOfYearsIsFoundAtOnce() {
        CronTimes times = CronTimes.of("* * * 1 *", BERLIN);
        Instant first = Instant.parse("2020-01-01T00:00:00Z");
        assertEquals(
                Instant.parse("2026-01-31T22:59:00Z"), times.lastUpTo(Instant.parse("2026-11-21T10:00:00Z"), first));
        assertEquals(first, times.lastUpTo(first, first));
        assertEquals(first, times.lastUpTo(first.plusSeconds(59), first));
        assertEquals(first.plusSeconds(60), times.lastUpTo(first.plusSeconds(60), first));
    }

    @Test
    void boundsAreIncluded() {
        Timing times = new Bounded(
                CronTimes.of("0 12 * * *", "UTC"),
                Instant.parse("2026-01-02T12:00:00Z"),
                Instant.parse("2026-01-03T12:00:00Z"));
        assertEquals(Instant.parse("2026-01-02T12:00:00Z"), times.after(Instant.EPOCH));
        assertEquals(Instant.parse("2026-01-03T12:00:00Z"), times.after(Instant.parse("2026-01-02T12:00:00Z")));
        assertNull(times.after(Instant.parse("2026-01-03T12:00:00Z")));
    }

    @Test
    void whatIsWrongIsSaidWithWhatIsExpected() {
        assertTrue(refused("60 * * * *", "UTC").contains("60 not in range [0, 59]"));
        assertTrue(refused("* * * *", "UTC").contains("five fields"));
        assertTrue(refused("0 0 30 2 *", "UTC").contains("never comes"));
        assertTrue(refused("@daily", "UTC").contains("five fields"));
        assertTrue(refused("0 6 * * *", "europe/berlin").contains("Europe/Berlin"));
        assertTrue(refused("0 6 * * *", "Berlin").contains("Europe/Berlin?"));
        assertTrue(refused("0 6 * * *", "+01:00").contains("IANA"));
        assertTrue(refused("0 6 * * *", "").contains("IANA"));
    }

    private static String refused(String expression, String zone) {
        return String.valueOf(assertThrows(InvalidScheduleException.class, () -> CronTimes.of(expression, zone))
                .getMessage());
    }

    private static List<String> next(String expression, String zone, String after, int count) {
        CronTimes times = CronTimes.of(expression, zone);
        List<String> found = new ArrayList<>();
        Instant at = Instant.parse(after);
        for (int i = 0; i < count; i++) {
            at = times.after(at);
            found.add(String.valueOf(at));
        }
        return found;
    }
}
