package dev.toolpost.scheduler.schedule;

import dev.toolpost.message.Schedule;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A schedule as it is shown. Times are epoch milliseconds, as in messages. */
final class ScheduleView {
    private static final MessageCodec<Schedule> CODEC = MessageCodec.of(Schedule.class, null);

    /** Keeps the digits of numbers in arguments. */
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private ScheduleView() {}

    static ObjectNode of(ScheduleState state) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("schedule_id", state.schedule().getScheduleId())
                .put("state", standing(state))
                .put("problem", state.problem());
        put(node, "next_run", state.due());
        ScheduleState.Run last = state.last();
        if (last != null) {
            ObjectNode run = node.putObject("last_run").put("job_id", last.jobId());
            put(run, "due", last.due());
            put(run, "began", last.began());
        } else {
            node.putNull("last_run");
        }
        ScheduleState.Skipped skipped = state.skipped();
        if (skipped != null) {
            put(
                    node.putObject("last_skipped")
                            .put("why", skipped.why().name().toLowerCase(Locale.ROOT)),
                    "due",
                    skipped.due());
        } else {
            node.putNull("last_skipped");
        }
        node.put("runs", state.runs()).put("skips", state.skips());
        node.set("schedule", MAPPER.readTree(CODEC.encode("", state.schedule(), Format.JSON)));
        return node;
    }

    /** In a word: invalid, paused, waiting (the time is not known yet), active, or over. */
    private static String standing(ScheduleState state) {
        if (state.problem() != null) {
            return "invalid";
        }
        if (!state.schedule().getEnabled()) {
            return "paused";
        }
        if (!state.planned()) {
            return "waiting";
        }
        return state.due() == null ? "over" : "active";
    }

    private static void put(ObjectNode node, String name, @Nullable Instant time) {
        if (time == null) {
            node.putNull(name);
        } else {
            node.put(name, time.toEpochMilli());
        }
    }
}
