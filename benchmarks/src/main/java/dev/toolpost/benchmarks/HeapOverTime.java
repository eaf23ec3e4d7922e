package dev.toolpost.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** How much of the heap of each of some processes was in use after collections, as time went on. */
final class HeapOverTime {

    private static final int PARTS = 4;

    private HeapOverTime() {}

    /** Of all logs {@code gc-PROGRAM-PID.log} in the directory. */
    static void print(Path directory, String program) {
        Table table = new Table(
                program + ", least MB after collections",
                "1st quarter",
                "2nd",
                "3rd",
                "4th",
                "most MB",
                "seconds",
                "full");
        try (Stream<Path> logs = Files.list(directory)) {
            logs.filter(each -> each.getFileName().toString().startsWith("gc-" + program + "-"))
                    .sorted()
                    .forEach(each -> row(table, each));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void row(Table table, Path log) {
        List<GcLog.Pause> pauses = GcLog.read(log);
        if (pauses.isEmpty()) {
            return;
        }
        double end = pauses.getLast().atSeconds();
        Object[] cells = new Object[PARTS + 4];
        String name = log.getFileName().toString();
        cells[0] = "process " + name.substring(name.lastIndexOf('-') + 1, name.lastIndexOf('.'));
        for (int part = 0; part < PARTS; part++) {
            double from = end * part / PARTS;
            double to = part == PARTS - 1 ? Double.MAX_VALUE : end * (part + 1) / PARTS;
            cells[part + 1] = pauses.stream()
                    .filter(pause -> pause.atSeconds() >= from && pause.atSeconds() < to)
                    .mapToInt(GcLog.Pause::afterMegabytes)
                    .min()
                    .orElse(0);
        }
        cells[PARTS + 1] =
                pauses.stream().mapToInt(GcLog.Pause::afterMegabytes).max().orElse(0);
        cells[PARTS + 2] = end;
        cells[PARTS + 3] = pauses.stream().filter(GcLog.Pause::full).count();
        table.row(cells);
    }
}
