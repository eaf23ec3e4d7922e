package dev.toolpost.scheduler.job.expand;

/** What came of reading what a job is to be expanded to. */
public sealed interface Expanded {

    /** It has these parts. */
    record Parts(Expansion expansion) implements Expanded {}

    /**
     * It cannot be expanded.
     *
     * @param path JSON pointer into the job
     * @param problem the value and the expectation
     */
    record Refused(String path, String problem) implements Expanded {}
}
