package dev.toolpost.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The heap that was in use after each collection, from a JVM's log. */
final class GcLog {

    private static final Pattern PAUSE = Pattern.compile(
            "\\[(\\d+\\.\\d+)s\\].* Pause (Young|Full).* (\\d+)M->(\\d+)M\\((\\d+)M\\) (\\d+\\.\\d+)ms");

    private GcLog() {}

    /** Heap sizes in megabytes, time since the start of the JVM in seconds. */
    record Pause(double atSeconds, boolean full, int beforeMegabytes, int afterMegabytes, double millis) {}

    /** What makes a JVM write such a log. */
    static String option(Path file) {
        return "-Xlog:gc:file=" + file;
    }

    static List<Pause> read(Path file) {
        try {
            List<Pause> pauses = new ArrayList<>();
            for (String line : Files.readAllLines(file)) {
                Matcher pause = PAUSE.matcher(line);
                if (pause.find()) {
                    pauses.add(new Pause(
                            Double.parseDouble(pause.group(1)),
                            pause.group(2).equals("Full"),
                            Integer.parseInt(pause.group(3)),
                            Integer.parseInt(pause.group(4)),
                            Double.parseDouble(pause.group(6))));
                }
            }
            return pauses;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
