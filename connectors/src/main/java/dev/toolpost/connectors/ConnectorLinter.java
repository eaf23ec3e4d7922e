package dev.toolpost.connectors;

import java.util.List;

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
}
