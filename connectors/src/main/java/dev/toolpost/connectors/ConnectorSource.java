package dev.toolpost.connectors;

/**
 * The connectors as they are now. Whoever carries out a call asks once and keeps what it got: a change of the definitions
 * reaches the calls that begin after it. Thread-safe.
 */
@FunctionalInterface
public interface ConnectorSource {

    /** The newest catalogue; never changes by itself. */
    ConnectorCatalogue current();

    /** A source whose connectors never change. */
    static ConnectorSource fixed(ConnectorCatalogue catalogue) {
        return () -> catalogue;
    }
}
