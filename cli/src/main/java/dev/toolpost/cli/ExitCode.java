package dev.toolpost.cli;

/** What the command's exit status says; scripts rely on it. */
final class ExitCode {
    static final int OK = 0;

    /** The call was answered with an error, or a check found something wrong. */
    static final int ANSWERED_WITH_ERROR = 1;

    /** What was asked for cannot be done like this: options, configuration, input. */
    static final int USAGE = 2;

    /** Nobody answered: Kafka, the registry or a worker is not there. */
    static final int UNREACHABLE = 3;

    /** A bug in Toolpost. */
    static final int INTERNAL = 70;

    /** Whoever read standard output is gone; what a shell says of SIGPIPE. */
    static final int READER_GONE = 141;

    private ExitCode() {}
}
