package dev.toolpost.scheduler.schedule;

import dev.toolpost.message.Job;
import dev.toolpost.message.Schedule;
import dev.toolpost.message.ToolCall;
import org.jspecify.annotations.Nullable;

/** Whose a schedule is. */
final class Tenants {
    private Tenants() {}

    /** Its own tenant, else that of its job or call; null where none is named, which is the default tenant's. */
    static @Nullable String of(Schedule schedule) {
        Job job = schedule.getJob();
        ToolCall call = schedule.getCall();
        String ofWork = job != null ? job.getTenant() : call != null ? call.getTenant() : null;
        return schedule.getTenant() == null ? ofWork : schedule.getTenant();
    }
}
