package dev.toolpost.scheduler.schedule;

import dev.toolpost.scheduler.clock.BrokerTime;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** How the schedules of the partitions that this instance owns stand, for meters. Thread-safe. */
final class ScheduleBoard {

    private final BrokerTime time;
    private final Map<Integer, Line> lines = new ConcurrentHashMap<>();
    private final LongAdder runs = new LongAdder();
    private final LongAdder missed = new LongAdder();
    private final LongAdder overlapped = new LongAdder();
    private final LongAdder invalid = new LongAdder();

    /** @param next when the next run of one of them is due; null where none has one */
    private record Line(int planned, @Nullable Instant next) {}

    ScheduleBoard(BrokerTime time) {
        this.time = time;
    }

    void addTo(MeterRegistry meters) {
        Gauge.builder(
                        "toolpost.schedules.planned",
                        lines,
                        all -> all.values().stream().mapToInt(Line::planned).sum())
                .description("Schedules of this instance that have a next run")
                .register(meters);
        Gauge.builder("toolpost.schedules.next.due.seconds", this, ScheduleBoard::secondsToNextDue)
                .description(
                        "Until the next run of a schedule of this instance; below 0 it is late, NaN where none is planned")
                .register(meters);
        counter(meters, "toolpost.schedule.runs", runs, "Runs of schedules that were begun");
        leftOut(meters, ScheduleState.Skipped.Why.MISSED, missed);
        leftOut(meters, ScheduleState.Skipped.Why.OVERLAP, overlapped);
        counter(meters, "toolpost.schedules.invalid", invalid, "Schedules that came and can never run");
    }

    private static void counter(MeterRegistry meters, String name, LongAdder count, String description) {
        FunctionCounter.builder(name, count, LongAdder::sum)
                .description(description)
                .register(meters);
    }

    private static void leftOut(MeterRegistry meters, ScheduleState.Skipped.Why why, LongAdder count) {
        FunctionCounter.builder("toolpost.schedule.runs.left.out", count, LongAdder::sum)
                .description("Times that runs of a schedule were due and left out")
                .tag("why", why.name().toLowerCase(Locale.ROOT))
                .register(meters);
    }

    void write(int partition, int planned, @Nullable Instant next) {
        lines.put(partition, new Line(planned, next));
    }

    void erase(int partition) {
        lines.remove(partition);
    }

    void began() {
        runs.increment();
    }

    void leftOut(ScheduleState.Skipped.Why why) {
        switch (why) {
            case MISSED -> missed.increment();
            case OVERLAP -> overlapped.increment();
        }
    }

    void refused() {
        invalid.increment();
    }

    private double secondsToNextDue() {
        long now = time.now();
        double next = Double.NaN;
        for (Line line : lines.values()) {
            Instant due = line.next;
            if (due != null && now != BrokerTime.UNKNOWN) {
                double left = (due.toEpochMilli() - now) / 1_000.0;
                next = Double.isNaN(next) ? left : Math.min(next, left);
            }
        }
        return next;
    }
}
