package dev.toolpost.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Says how far a fetch is: a bar where its end is in sight, records, parts, rate and when it should be over. Used by one thread. */
final class FetchProgress {
    private static final int BAR = 24;
    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final FetchPlace place;
    private final @Nullable ProgressLine line;
    private final Deque<Sample> samples = new ArrayDeque<>();

    private record Sample(long nanos, long records) {}

    FetchProgress(FetchPlace place, @Nullable ProgressLine line) {
        this.place = place;
        this.line = line;
        samples.add(new Sample(System.nanoTime(), place.records()));
    }

    /** Records came. */
    void took(int records) {
        long nowNanos = System.nanoTime();
        if (records > 0 && nowNanos - samples.getLast().nanos > 200_000_000L) {
            samples.add(new Sample(nowNanos, place.records()));
        }
        while (samples.size() > 2 && nowNanos - samples.getFirst().nanos > WINDOW.toNanos()) {
            samples.remove();
        }
    }

    void show(@Nullable JsonNode status) {
        if (line != null) {
            line.show(() -> text(status));
        }
    }

    void clear() {
        if (line != null) {
            line.clear();
        }
    }

    private String text(@Nullable JsonNode status) {
        if (status == null) {
            return "waiting for the scheduler to take job " + place.jobId() + " up";
        }
        List<String> figures = new ArrayList<>();
        int parts = status.path("parts").asInt();
        double share = share(status, parts);
        figures.add(JobView.number(place.records()) + " records");
        if (parts > 1) {
            figures.add(place.done() + " of " + parts + " parts");
        }
        if (status.path("parts_failed").asInt() > 0) {
            figures.add(status.path("parts_failed").asInt() + " failed");
        }
        figures.add(JobView.number(Math.round(rate())) + " records/s");
        if (status.path("expected_end").isNumber()) {
            figures.add("ends in " + JobView.until(status.path("expected_end").asLong(), Instant.now()));
        }
        if (!JobView.state(status).equals("running")) {
            figures.add(JobView.state(status));
        }
        return (share < 0 ? "" : bar(share)) + String.join(", ", figures);
    }

    /** Which share of the whole is there; negative where nobody can know. */
    private double share(JsonNode status, int parts) {
        long most = status.path("job").path("max_records").asLong(0);
        if (parts == 0 || (parts == 1 && most == 0)) {
            return -1;
        }
        double open = most == 0
                ? 0
                : place.open().values().stream()
                        .mapToDouble(part -> Math.min(1, (double) part.records() / most))
                        .sum();
        return Math.min(1, (place.done() + open) / parts);
    }

    private static String bar(double share) {
        int full = (int) (share * BAR);
        return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "] " + (int) (share * 100) + " %, ";
    }

    private double rate() {
        Sample first = samples.getFirst();
        double seconds = (System.nanoTime() - first.nanos) / 1e9;
        return (place.records() - first.records) / Math.max(seconds, 0.5);
    }
}
