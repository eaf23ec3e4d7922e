package dev.toolpost.scheduler.schedule;

import org.jspecify.annotations.Nullable;

/** What is known of jobs, for schedules that must not begin a run while the last one goes on. */
@FunctionalInterface
public interface JobStates {
    /** The state of a job as {@code job-status} names it; null where the job is not known. */
    @Nullable
    String stateOf(String jobId);
}
