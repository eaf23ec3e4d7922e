package dev.toolpost.scheduler.deferral;

import dev.toolpost.scheduler.clock.BrokerTime;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** How the deferrals of the partitions that this instance owns stand, for people and meters. Thread-safe. */
final class DeferralBoard {

    /**
     * One partition.
     *
     * @param pending waiting for their time
     * @param nextDueMillis epoch milliseconds of the earliest, or {@link Long#MAX_VALUE}
     * @param brokerMillis the broker's time when this was written, or {@link BrokerTime#UNKNOWN}
     */
    record Line(long pending, long nextDueMillis, long brokerMillis) {}

    private static final Duration[] OBJECTIVES = {
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(150),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofMinutes(1)
    };

    private final Map<Integer, Line> lines = new ConcurrentHashMap<>();
    private final LongAdder delivered = new LongAdder();
    private final LongAdder recalled = new LongAdder();
    private final LongAdder replaced = new LongAdder();
    private final LongAdder dead = new LongAdder();
    private volatile @Nullable Timer lateness;

    void addTo(MeterRegistry meters) {
        Gauge.builder("toolpost.deferrals.pending", this, DeferralBoard::pending)
                .description("Deferrals that wait for their time on this instance")
                .register(meters);
        counter(meters, "delivered", delivered, "Deferrals delivered at their time");
        counter(meters, "recalled", recalled, "Deferrals delivered before their time, on demand");
        counter(meters, "replaced", replaced, "Deferrals replaced by a later one with their id");
        counter(meters, "dead", dead, "Records of later that became dead letters");
        Gauge.builder("toolpost.deferrals.next.due.seconds", this, DeferralBoard::secondsToNextDue)
                .description(
                        "Until the earliest deferral of this instance is due; below 0 it is late, NaN where none waits")
                .register(meters);
        lateness = Timer.builder("toolpost.deferrals.lateness")
                .description("Time by the broker's clock from due to handed to the transaction")
                .serviceLevelObjectives(OBJECTIVES)
                .register(meters);
    }

    private static void counter(MeterRegistry meters, String name, LongAdder count, String description) {
        FunctionCounter.builder("toolpost.deferrals." + name, count, LongAdder::sum)
                .description(description)
                .register(meters);
    }

    void write(int partition, Line line) {
        lines.put(partition, line);
    }

    void erase(int partition) {
        lines.remove(partition);
    }

    void delivered(long latenessMillis) {
        delivered.increment();
        Timer timer = lateness;
        if (timer != null) {
            timer.record(Math.max(0, latenessMillis), TimeUnit.MILLISECONDS);
        }
    }

    void recalled() {
        recalled.increment();
    }

    void replaced() {
        replaced.increment();
    }

    void dead() {
        dead.increment();
    }

    Map<Integer, Line> lines() {
        return Map.copyOf(lines);
    }

    long pending() {
        return lines.values().stream().mapToLong(Line::pending).sum();
    }

    private double secondsToNextDue() {
        return lines.values().stream()
                .filter(line -> line.pending > 0 && line.brokerMillis != BrokerTime.UNKNOWN)
                .mapToDouble(line -> (line.nextDueMillis - line.brokerMillis) / 1_000.0)
                .min()
                .orElse(Double.NaN);
    }
}
