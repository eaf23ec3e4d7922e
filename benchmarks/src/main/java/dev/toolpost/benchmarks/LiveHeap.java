package dev.toolpost.benchmarks;

import java.util.Locale;

/** What is alive in a JVM's heap. */
final class LiveHeap {

    private LiveHeap() {}

    /** Collects the whole heap of the process first. */
    static long megabytes(long pid) {
        String histogram = Commands.run(Commands.ofJdk("jcmd"), Long.toString(pid), "GC.class_histogram");
        String total = histogram
                .lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("total"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no total in what jcmd says of process " + pid));
        return Long.parseLong(total.strip().split("\\s+", -1)[2]) >> 20;
    }
}
