package dev.toolpost.scheduler.job.meter;

import dev.toolpost.scheduler.job.state.JobHead;
import dev.toolpost.scheduler.job.state.JobState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts what becomes of jobs and shows the lines of vendors. What a transaction counted that was aborted is counted again when it is
 * repeated. Thread-safe.
 */
public final class JobMeters {

    /** Tools that nobody knows name vendors that nobody knows: their number must not be the submitter's to choose. */
    private static final int MOST_VENDORS = 200;

    private static final String OTHERS = "(others)";
    private static final String VENDOR = "vendor";

    private final Map<String, OfVendor> vendors = new ConcurrentHashMap<>();
    private final Map<Place, Line> lines = new ConcurrentHashMap<>();
    private volatile @Nullable MeterRegistry meters;

    private record Place(int partition, String vendor) {}

    private record Line(int waiting, int inFlight) {}

    /** The meters of one vendor. */
    private record OfVendor(
            Counter records,
            Counter frames,
            Counter pages,
            Counter bytes,
            Counter done,
            Counter retried,
            Counter failed,
            Counter cancelled) {

        static OfVendor of(String vendor, MeterRegistry meters) {
            return new OfVendor(
                    delivered("records", "Records that parts of jobs delivered", vendor, meters),
                    delivered("frames", "Frames that parts of jobs delivered", vendor, meters),
                    delivered("pages", "Pages that parts of jobs read", vendor, meters),
                    delivered("bytes", "Bytes that parts of jobs delivered", vendor, meters),
                    parts("done", vendor, meters),
                    parts("retried", vendor, meters),
                    parts("failed", vendor, meters),
                    parts("cancelled", vendor, meters));
        }

        private static Counter delivered(String what, String description, String vendor, MeterRegistry meters) {
            return Counter.builder("toolpost.job." + what)
                    .description(description)
                    .tag(VENDOR, vendor)
                    .register(meters);
        }

        private static Counter parts(String event, String vendor, MeterRegistry meters) {
            return Counter.builder("toolpost.job.parts")
                    .description("Parts of jobs that ended, and runs that failed and were followed by another")
                    .tag(VENDOR, vendor)
                    .tag("event", event)
                    .register(meters);
        }
    }

    /**
     * Shows everything there.
     *
     * @param inState how many jobs are in a state
     */
    public void addTo(MeterRegistry registry, ToLongFunction<JobState> inState) {
        for (JobState state : JobState.values()) {
            Gauge.builder("toolpost.jobs", () -> inState.applyAsLong(state))
                    .description("Jobs of which there is a status: all of them, on every instance")
                    .tag("state", state.wireName())
                    .register(registry);
        }
        meters = registry;
    }

    /** A step of a job. */
    public void moved(String vendor, JobHead before, JobHead after) {
        OfVendor of = of(vendor);
        if (of == null) {
            return;
        }
        more(of.records, after.delivered().records() - before.delivered().records());
        more(of.frames, after.delivered().frames() - before.delivered().frames());
        more(of.pages, after.delivered().pages() - before.delivered().pages());
        more(of.bytes, after.delivered().bytes() - before.delivered().bytes());
        more(of.done, after.tally().done() - before.tally().done());
        more(of.retried, after.failures().retried() - before.failures().retried());
        more(of.failed, after.tally().failed() - before.tally().failed());
        more(of.cancelled, after.tally().cancelled() - before.tally().cancelled());
    }

    private static void more(Counter counter, long more) {
        if (more > 0) {
            counter.increment((double) more);
        }
    }

    /** How the line of a vendor stands in a partition of the dispatcher. */
    public void line(int partition, String vendor, int waiting, int inFlight) {
        Place place = new Place(partition, vendor);
        if (waiting == 0 && inFlight == 0) {
            lines.remove(place);
        } else {
            lines.put(place, new Line(waiting, inFlight));
            of(vendor);
        }
    }

    /** Another instance has that partition now. */
    public void erase(int partition) {
        lines.keySet().removeIf(place -> place.partition == partition);
    }

    private @Nullable OfVendor of(String vendor) {
        MeterRegistry registry = meters;
        return registry == null
                ? null
                : vendors.computeIfAbsent(label(vendor), label -> {
                    gauge("waiting", "Parts of jobs in line at their vendor", label, Line::waiting, registry);
                    gauge("in.flight", "Parts of jobs that workers have", label, Line::inFlight, registry);
                    return OfVendor.of(label, registry);
                });
    }

    private void gauge(
            String name, String description, String label, ToLongFunction<Line> figure, MeterRegistry registry) {
        Gauge.builder("toolpost.job.parts." + name, () -> sum(label, figure))
                .description(description)
                .tag(VENDOR, label)
                .register(registry);
    }

    private long sum(String label, ToLongFunction<Line> figure) {
        return lines.entrySet().stream()
                .filter(line -> label(line.getKey().vendor).equals(label))
                .mapToLong(line -> figure.applyAsLong(line.getValue()))
                .sum();
    }

    private String label(String vendor) {
        return vendors.containsKey(vendor) || vendors.size() < MOST_VENDORS ? vendor : OTHERS;
    }
}
