package dev.toolpost.connectors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where a directory holds connectors: in files {@code NAME.yaml} or {@code NAME/connector.yaml}. */
public final class ConnectorFiles {
    /** The name of the file in a directory of its own. */
    public static final String NAME = "connector.yaml";

    private ConnectorFiles() {}

    /**
     * The files of a directory that hold a connector, by name. What begins with a dot is passed over: editors keep their copies
     * there, and mounted volumes their earlier content.
     *
     * @throws IOException where the directory cannot be read
     */
    public static List<Path> in(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> !entry.getFileName().toString().startsWith("."))
                    .sorted()
                    .map(entry -> Files.isDirectory(entry) ? entry.resolve(NAME) : entry)
                    .filter(ConnectorFiles::isConnector)
                    .toList();
        }
    }

    /**
     * The files of a directory that has to be there.
     *
     * @throws ConnectorException where it cannot be read
     */
    public static List<Path> required(Path directory) {
        try {
            return in(directory);
        } catch (IOException e) {
            throw new ConnectorException(List.of(new Problem(
                    Problem.Severity.ERROR,
                    directory.toString(),
                    1,
                    1,
                    "the directory of connectors cannot be read: " + e,
                    "name an existing directory")));
        }
    }

    private static boolean isConnector(Path file) {
        String name = file.getFileName().toString();
        return (name.endsWith(".yaml") || name.endsWith(".yml")) && Files.isRegularFile(file);
    }
}
