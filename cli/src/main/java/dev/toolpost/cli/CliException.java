package dev.toolpost.cli;

import org.jspecify.annotations.Nullable;

/** A command cannot do what it was asked for. Says what happened, and what to do next. */
final class CliException extends RuntimeException {
    private final int exitCode;
    private final String message;
    private final String nextStep;

    private CliException(int exitCode, String message, String nextStep, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
        this.message = message;
        this.nextStep = nextStep;
    }

    /** What was given is wrong. */
    static CliException usage(String message, String nextStep) {
        return new CliException(ExitCode.USAGE, message, nextStep, null);
    }

    static CliException usage(String message, String nextStep, Throwable cause) {
        return new CliException(ExitCode.USAGE, message, nextStep, cause);
    }

    /** Something that has to be there is not. */
    static CliException unreachable(String message, String nextStep, @Nullable Throwable cause) {
        return new CliException(ExitCode.UNREACHABLE, message, nextStep, cause);
    }

    /** The same, with something more to do next. */
    CliException withNextStep(String further) {
        return new CliException(exitCode, message, nextStep.isEmpty() ? further : nextStep + " " + further, this);
    }

    int exitCode() {
        return exitCode;
    }

    @Override
    public String getMessage() {
        return message;
    }

    /** What to do next; empty where the message says it. */
    String nextStep() {
        return nextStep;
    }
}
