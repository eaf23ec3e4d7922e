package dev.toolpost.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
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

/**
 * Where a worker's processor time goes, or a bare loop's: a JFR recording of it under full load, its samples of processor time (JEP 509) by
 * feature, in microseconds per call.
 *
 * @see <a href="https://openjdk.org/jeps/509">JEP 509</a>
 */
final class Profile {

    private static final String CPU_SAMPLE = "jdk.CPUTimeSample";
    private static final int DEPTH = 256;
    private static final int TOP = 25;

    private final Map<String, Integer> byFeature = new HashMap<>();
    private final Map<String, Integer> byPlace = new HashMap<>();
    private final Map<String, Integer> byMethod = new HashMap<>();
    private final Map<String, Integer> byFeatureAndPlace = new HashMap<>();
    private int samples;
    private int failed;

    private Profile() {}

    static void run(Options options) throws IOException {
        int rounds = options.number("rounds", 3, 10);
        int warmup = options.number("warmup", 4, 8);
        int calls = options.number("calls", 20_000, 40_000);
        int inFlight = options.number("in-flight", 256, 256);
        String of = options.text("of", "worker");
        String interval = options.text("interval", "1ms");
        String keep = options.text("keep", "");
        options.refuseOthers();
        Path file = keep.isEmpty() ? null : Path.of(keep).toAbsolutePath();
        try (Stage stage = Candidates.stage()) {
            Agent agent = stage.open(new Agent(stage));
            Candidate profiled = new Candidates(stage, agent, inFlight)
                    .start(of, Map.of(), List.of("-XX:FlightRecorderOptions=stackdepth=" + DEPTH), "virtual")
                    .getFirst();
            Load load = new Load(stage, agent);
            for (int i = 0; i < warmup; i++) {
                load.throughput(profiled, calls, 1);
            }
            Path recording = file == null ? stage.directory().resolve("profile.jfr") : file;
            long pid = profiled.program().pid();
            Path settings = settings(stage, interval);
            jcmd(pid, "JFR.start", "name=profile", "settings=" + settings);
            List<Load.Throughput> each = new ArrayList<>();
            Table table = new Table("profiled", "calls/s", "CPU us/call", "in kernel", "round");
            for (int i = 0; i < rounds; i++) {
                Load.Throughput round = load.throughput(profiled, calls, 1);
                each.add(round);
                table.row(
                        profiled.name(),
                        round.callsPerSecond(),
                        round.cpu(),
                        round.cpuInKernel(),
                        i + 1 + "/" + rounds);
            }
            jcmd(pid, "JFR.stop", "name=profile", "filename=" + recording);
            Profile profile = new Profile();
            profile.read(recording);
            profile.report(Figures.median(each, Load.Throughput::cpu));
            if (file != null) {
                System.out.println("recording: " + file);
            }
        }
    }

    private static Path settings(Stage stage, String interval) throws IOException {
        return Files.writeString(stage.directory().resolve("profile.jfc"), """
                <?xml version="1.0" encoding="UTF-8"?>
                <configuration version="2.0">
                  <event name="jdk.CPUTimeSample">
                    <setting name="enabled">true</setting>
                    <setting name="throttle">%s</setting>
                    <setting name="stackTrace">true</setting>
                  </event>
                </configuration>
                """.formatted(interval));
    }

    private static void jcmd(long pid, String... command) {
        List<String> all = new ArrayList<>(List.of(Commands.ofJdk("jcmd"), Long.toString(pid)));
        all.addAll(List.of(command));
        Commands.run(all.toArray(String[]::new));
    }

    private void read(Path recording) throws IOException {
        try (RecordingFile events = new RecordingFile(recording)) {
            while (events.hasMoreEvents()) {
                RecordedEvent event = events.readEvent();
                if (event.getEventType().getName().equals(CPU_SAMPLE)) {
                    add(event);
                }
            }
        }
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
        } else {
            failed++;
        }
        samples++;
        String feature = Feature.of(name, frames);
        byFeature.merge(feature, 1, Integer::sum);
        byPlace.merge(Feature.place(frames), 1, Integer::sum);
        byFeatureAndPlace.merge(feature + ", in " + Feature.place(frames), 1, Integer::sum);
        if (!frames.isEmpty()) {
            byMethod.merge(frames.getFirst(), 1, Integer::sum);
        }
    }

    private void report(double cpuPerCall) {
        if (samples == 0) {
            System.out.println("no samples: " + CPU_SAMPLE + " needs Linux");
            return;
        }
        System.out.printf(
                "%n%d samples, %d without a stack; a call costs %.1f us of processor time, samples share it out%n"
                        + "(collecting garbage and compiling are in the processor time and not in the samples)%n",
                samples, failed, cpuPerCall);
        table("by feature", byFeature, cpuPerCall, Integer.MAX_VALUE);
        table("by feature and library", byFeatureAndPlace, cpuPerCall, TOP);
        table("by library", byPlace, cpuPerCall, Integer.MAX_VALUE);
        table("by method", byMethod, cpuPerCall, TOP);
    }

    private void table(String name, Map<String, Integer> counts, double cpuPerCall, int most) {
        Table table = new Table(String.format(Locale.ROOT, "%-64s", name), "%", "us/call");
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(most)
                .filter(entry -> entry.getValue() * 500 >= samples)
                .forEach(entry -> table.row(
                        entry.getKey(), 100.0 * entry.getValue() / samples, cpuPerCall * entry.getValue() / samples));
    }
}
