package dev.toolpost.scheduler.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What Kafka Streams keeps of an application's stores in a directory of its own; all of it is restored where it is missing. */
public final class StateOnDisk {

    private StateOnDisk() {}

    /**
     * Throws away the stores of every task, and leaves who the process is. Nobody may have them open.
     *
     * @param application the application's own directory within the state directory
     * @throws IOException where something cannot be deleted
     */
    public static void discard(Path application) throws IOException {
        List<Path> tasks;
        try (Stream<Path> entries = Files.list(application)) {
            tasks = entries.filter(Files::isDirectory).toList();
        }
        for (Path task : tasks) {
            List<Path> deepestFirst;
            try (Stream<Path> tree = Files.walk(task)) {
                deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path each : deepestFirst) {
                Files.deleteIfExists(each);
            }
        }
    }
}
