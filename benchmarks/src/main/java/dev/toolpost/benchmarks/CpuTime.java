package dev.toolpost.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Processor time that a process has used, of all its threads, in microseconds.
 *
 * @param user in its own code
 * @param kernel in the kernel on its behalf
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html">proc_pid_stat(5)</a>
 */
record CpuTime(long user, long kernel) {

    /** Linux counts a process's time in hundredths of a second, whatever the kernel's own tick. */
    private static final long MICROS_PER_TICK = 10_000;

    static CpuTime of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return new CpuTime(
                    Long.parseLong(fields[11]) * MICROS_PER_TICK, Long.parseLong(fields[12]) * MICROS_PER_TICK);
        } catch (IOException e) {
            throw new UncheckedIOException("process " + pid + " has ended", e);
        }
    }

    CpuTime since(CpuTime earlier) {
        return new CpuTime(user - earlier.user, kernel - earlier.kernel);
    }

    double per(long calls) {
        return (double) (user + kernel) / calls;
    }
}
