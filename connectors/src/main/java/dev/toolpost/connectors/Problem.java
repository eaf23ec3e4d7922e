package dev.toolpost.connectors;

/**
 * Something wrong in a definition.
 *
 * @param severity whether the definition can be used nevertheless
 * @param file the file's name as it was given
 * @param line from 1
 * @param column from 1
 * @param message what is wrong: the value and the expectation
 * @param fix what to write instead, or empty
 */
public record Problem(Severity severity, String file, int line, int column, String message, String fix) {

    /** Whether a definition can be used nevertheless. */
    public enum Severity {
        ERROR,
        WARNING
    }

    /** The way compilers write it, so that editors and terminals find the place. */
    @Override
    public String toString() {
        return file + ":" + line + ":" + column + ": " + (severity == Severity.ERROR ? "error" : "warning") + ": "
                + message + (fix.isEmpty() ? "" : " - " + fix);
    }
}
