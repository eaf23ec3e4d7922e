package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Says everything that is wrong or unwise in a definition: the errors for which it would not be loaded, and warnings about
 * what would load but serve badly. Thread-safe.
 */
public final class ConnectorLinter {
    private final ConnectorLoader loader;

    public ConnectorLinter(ConnectorLoader loader) {
        this.loader = loader;
    }

    /**
     * Reads a definition and lists its problems in the order of the file; an empty list means that all is well. Warnings of the
     * second kind are only given where there are no errors.
     *
     * @param name the file's name, for messages
     * @param text its content
     */
    public List<Problem> lint(String name, String text) {
        return loader.read(name, text).problems();
    }

    /**
     * Lists the problems of the files of one directory, also of those that are no text, and which of them define one vendor: none but
     * one of these could be used.
     *
     * @param files content by name, in the order in which they are read
     */
    public List<Problem> lint(SequencedMap<String, byte[]> files) {
        List<Problem> problems = new ArrayList<>();
        Map<String, String> vendors = new HashMap<>();
        files.forEach((name, content) -> {
            ConnectorLoader.Reading reading = loader.read(name, content);
            problems.addAll(reading.problems());
            Connector connector = reading.connector();
            String other = connector == null ? null : vendors.putIfAbsent(connector.vendor(), name);
            if (connector != null && other != null) {
                problems.add(new Problem(
                        Problem.Severity.ERROR,
                        name,
                        1,
                        1,
                        "it defines the vendor " + connector.vendor() + ", and so does " + other
                                + " (expected: one file of a vendor in a directory)",
                        "remove one of the two"));
            }
        });
        return List.copyOf(problems);
    }
}
