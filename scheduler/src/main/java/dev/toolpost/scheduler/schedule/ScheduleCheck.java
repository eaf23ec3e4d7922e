package dev.toolpost.scheduler.schedule;

import dev.toolpost.message.Schedule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a schedule would do, for those who are about to write one. Thread-safe. */
public final class ScheduleCheck {
    private ScheduleCheck() {}

    /** Why it can never run, with what is expected; null where nothing is wrong. */
    public static @Nullable String problem(Schedule schedule) {
        try {
            CheckedSchedule.of(schedule);
            return null;
        } catch (InvalidScheduleException wrong) {
            return wrong.getMessage();
        }
    }

    /**
     * The next times of a schedule with nothing wrong.
     *
     * @param most how many at most
     */
    public static List<Instant> next(Schedule schedule, Instant now, int most) {
        Timing timing = CheckedSchedule.of(schedule).timing();
        List<Instant> times = new ArrayList<>();
        for (Instant next = timing.after(now); next != null && times.size() < most; next = timing.after(next)) {
            times.add(next);
        }
        return times;
    }
}
