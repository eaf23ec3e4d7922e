package dev.toolpost.scheduler.job;

import dev.toolpost.scheduler.job.state.JobSettings;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an operator says of jobs. Immutable.
 *
 * @param settings bounds and times
 * @param sinks which topics may be named as a sink, their names as a whole; null for Toolpost's reply topics
 * @param defaultTenant of jobs that name none, or null where they must
 */
public record JobTerms(
        JobSettings settings,
        @Nullable Pattern sinks,
        @Nullable String defaultTenant) {

    /** The usual bounds, Toolpost's reply topics, every job with its tenant. */
    public static JobTerms defaults() {
        return new JobTerms(JobSettings.defaults(), null, null);
    }
}
