package dev.toolpost.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/** The samples of a recording, counted by what they were taken in. Not thread-safe. */
final class CpuSamples {

    private static final int TOP = 30;
    private static final String OWN = "dev.toolpost.";

    /** Rows below this part tell nothing. */
    private static final double LEAST = 0.002;

    private final Map<String, Integer> byFeature = new HashMap<>();
    private final Map<String, Integer> byLibrary = new HashMap<>();
    private final Map<String, Integer> byBoth = new HashMap<>();
    private final Map<String, Integer> byOwnMethod = new HashMap<>();
    private final Map<String, Integer> byMethod = new HashMap<>();
    private int samples;

    private CpuSamples() {}

    static CpuSamples read(Path recording) throws IOException {
        CpuSamples all = new CpuSamples();
        try (RecordingFile events = new RecordingFile(recording)) {
            while (events.hasMoreEvents()) {
                RecordedEvent event = events.readEvent();
                if (event.getEventType().getName().equals(Recorder.SAMPLE)) {
                    all.add(event);
                }
            }
        }
        return all;
    }

    private void add(RecordedEvent event) {
        RecordedStackTrace trace = event.getStackTrace();
        RecordedThread thread = event.getThread("eventThread");
        String name = thread == null || thread.getJavaName() == null ? "" : thread.getJavaName();
        List<String> frames = new ArrayList<>();
        if (trace != null) {
            for (RecordedFrame frame : trace.getFrames()) {
                frames.add(frame.getMethod().getType().getName() + "."
                        + frame.getMethod().getName());
            }
        }
        String feature = Feature.of(name, frames);
        String library = Feature.library(frames);
        samples++;
        byFeature.merge(feature, 1, Integer::sum);
        byLibrary.merge(library, 1, Integer::sum);
        byBoth.merge(feature + ", in " + library, 1, Integer::sum);
        byOwnMethod.merge(
                frames.stream()
                        .filter(frame -> frame.startsWith(OWN))
                        .findFirst()
                        .map(frame -> frame.substring(OWN.length()))
                        .orElse("(none)"),
                1,
                Integer::sum);
        byMethod.merge(frames.isEmpty() ? "(no frame)" : frames.getFirst(), 1, Integer::sum);
    }

    /**
     * Prints shares and what they are of the processor time of one piece of work.
     *
     * @param micros processor time of one call or page, in microseconds
     */
    void print(double micros, String unit) {
        if (samples == 0) {
            System.out.println("no samples: " + Recorder.SAMPLE + " needs Linux");
            return;
        }
        System.out.printf(
                Locale.ROOT,
                "%n%d samples; %.1f us of processor time a %s, which the samples share out; collecting garbage and compiling are in"
                        + " the time and not in the samples%n",
                samples,
                micros,
                unit);
        table("by feature", byFeature, micros, unit);
        table("by feature and library", byBoth, micros, unit);
        table("by innermost method of ours", byOwnMethod, micros, unit);
        table("by library", byLibrary, micros, unit);
        table("by method", byMethod, micros, unit);
    }

    private void table(String name, Map<String, Integer> counts, double micros, String unit) {
        Table table = new Table(String.format(Locale.ROOT, "%-72s", name), "%", "us/" + unit);
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(TOP)
                .filter(entry -> entry.getValue() >= samples * LEAST)
                .forEach(entry -> table.row(
                        entry.getKey(), 100.0 * entry.getValue() / samples, micros * entry.getValue() / samples));
    }
}
