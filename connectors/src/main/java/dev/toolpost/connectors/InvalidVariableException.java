package dev.toolpost.connectors;

import org.jspecify.annotations.Nullable;

/** A connection's variable is missing or holds what its definition does not allow. The message names value, expectation and way out. */
public final class InvalidVariableException extends IllegalArgumentException {
    private final String variable;

    InvalidVariableException(String variable, String message) {
        this(variable, message, null);
    }

    InvalidVariableException(String variable, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.variable = variable;
    }

    /** The variable's name. */
    public String variable() {
        return variable;
    }
}
