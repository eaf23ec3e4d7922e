package dev.toolpost.scheduler.job.accept;

import dev.toolpost.message.Job;
import dev.toolpost.message.ToolCall;
import dev.toolpost.scheduler.job.expand.Expansion;
import org.jspecify.annotations.Nullable;

/**
 * A job as it was taken on: everything settled that its parts need. Nobody may change its messages.
 *
 * @param job with tenant, connections, sink, concurrency and deadline filled in; null for a call
 * @param call with tenant and id filled in; null for a job
 * @param expansion null for a call
 * @param resumeTopic where parts begin
 */
public record JobPlan(
        String tool,
        String tenant,
        String vendor,
        String resumeTopic,
        @Nullable Job job,
        @Nullable ToolCall call,
        @Nullable Expansion expansion,
        int concurrency,
        int priority,
        long deadlineMillis) {

    /** How many parts it has. */
    public int parts() {
        return expansion == null ? 1 : expansion.parts();
    }

    /** The connection of a part. */
    public String connection(int part) {
        if (expansion != null) {
            return expansion.connection(part);
        }
        return call == null ? "" : call.getConnection();
    }

    /** The arguments of a part, a JSON object as text. */
    public String arguments(int part) {
        if (expansion != null) {
            return expansion.arguments(part).toString();
        }
        return call == null ? "{}" : call.getArguments();
    }

    /** The most records that a part may deliver; 0 for no cap. */
    public long cappedRecords() {
        return job == null || job.getMaxRecords() == null ? 0 : job.getMaxRecords();
    }

    /** Without arguments, which are somebody's data. */
    @Override
    public String toString() {
        return "JobPlan[" + tool + " of " + tenant + ", " + parts() + " parts]";
    }
}
