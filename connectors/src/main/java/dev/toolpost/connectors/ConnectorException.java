package dev.toolpost.connectors;

import java.util.List;
import java.util.stream.Collectors;

/** A definition cannot be used. The message lists every problem, each with its place and the way out. */
public final class ConnectorException extends RuntimeException {
    private final List<Problem> problems;

    ConnectorException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** What is wrong, in the order of the file; never empty. */
    public List<Problem> problems() {
        return problems;
    }
}
