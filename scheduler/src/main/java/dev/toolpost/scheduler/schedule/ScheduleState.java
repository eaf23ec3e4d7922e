package dev.toolpost.scheduler.schedule;

import dev.toolpost.message.Schedule;
import dev.toolpost.scheduler.state.StoredJson;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A schedule and where it stands, as it is kept.
 *
 * @param schedule as it was given, so far as it could be read; not to be changed
 * @param format in which it came; its runs answer in it
 * @param problem why it can never run, or null
 * @param planned whether {@code due} is settled; not before the time is known for the first time
 * @param due its next run; null where there is none: paused, invalid, over
 * @param last its last run; null before the first
 * @param skipped the last run that was due and left out; null where there was none
 */
record ScheduleState(
        Schedule schedule,
        Format format,
        @Nullable String problem,
        boolean planned,
        @Nullable Instant due,
        @Nullable Run last,
        @Nullable Skipped skipped,
        long runs,
        long skips) {
    private static final MessageCodec<Schedule> CODEC = MessageCodec.of(Schedule.class, null);

    /**
     * A run.
     *
     * @param due when it was due
     * @param began when it was submitted, by the broker's clock
     */
    record Run(String jobId, Instant due, Instant began) {}

    /** A run that was left out. */
    record Skipped(Instant due, Why why) {
        /** Why a run is left out. */
        enum Why {
            /** Nobody was there when it was due, and the schedule says to skip such runs. */
            MISSED,
            /** The last run was not over. */
            OVERLAP
        }
    }

    /** A schedule that was not seen before. */
    static ScheduleState of(Schedule schedule, Format format, @Nullable String problem) {
        return new ScheduleState(schedule, format, problem, false, null, null, null, 0, 0);
    }

    /** Whether it is to run at all. */
    boolean active() {
        return problem == null && schedule.getEnabled();
    }

    /** Whether both mean the same times, so that what is planned stays planned. */
    boolean sameTimes(ScheduleState other) {
        Schedule one = schedule;
        Schedule another = other.schedule;
        return active() == other.active()
                && one.getCron().equals(another.getCron())
                && one.getTimeZone().equals(another.getTimeZone())
                && Objects.equals(one.getAt(), another.getAt())
                && Objects.equals(one.getStartsAt(), another.getStartsAt())
                && Objects.equals(one.getEndsAt(), another.getEndsAt());
    }

    ScheduleState plannedFor(@Nullable Instant next) {
        return new ScheduleState(schedule, format, problem, true, next, last, skipped, runs, skips);
    }

    ScheduleState afterRun(Run run) {
        return new ScheduleState(schedule, format, problem, planned, due, run, skipped, runs + 1, skips);
    }

    ScheduleState afterSkip(Skipped run) {
        return new ScheduleState(schedule, format, problem, planned, due, last, run, runs, skips + 1);
    }

    /** The same history under another definition. */
    ScheduleState redefined(ScheduleState by) {
        boolean keepsPlan = sameTimes(by);
        return new ScheduleState(
                by.schedule,
                by.format,
                by.problem,
                keepsPlan && planned,
                keepsPlan ? due : null,
                last,
                skipped,
                runs,
                skips);
    }

    byte[] encode() {
        ObjectNode node = JsonMapper.shared().createObjectNode();
        // As a text, so that the numbers in somebody's arguments keep their digits.
        node.put("schedule", new String(CODEC.encode("", schedule, Format.JSON), StandardCharsets.UTF_8));
        node.put("format", format.wireName()).put("problem", problem).put("planned", planned);
        put(node, "due", due);
        if (last != null) {
            ObjectNode run = node.putObject("last");
            run.put("job_id", last.jobId);
            put(run, "due", last.due);
            put(run, "began", last.began);
        }
        if (skipped != null) {
            put(node.putObject("skipped").put("why", skipped.why.name().toLowerCase(Locale.ROOT)), "due", skipped.due);
        }
        return StoredJson.write(node.put("runs", runs).put("skips", skips));
    }

    static ScheduleState decode(byte[] bytes) {
        JsonNode node = StoredJson.read(bytes, JsonNode.class);
        JsonNode last = node.path("last");
        JsonNode skipped = node.path("skipped");
        return new ScheduleState(
                CODEC.decode("", node.path("schedule").asString().getBytes(StandardCharsets.UTF_8))
                        .value(),
                Format.fromWireName(node.path("format").asString("")).orElse(Format.JSON),
                node.path("problem").asString(null),
                node.path("planned").asBoolean(),
                moment(node, "due"),
                last.isObject()
                        ? new Run(last.path("job_id").asString(), known(last, "due"), known(last, "began"))
                        : null,
                skipped.isObject()
                        ? new Skipped(
                                known(skipped, "due"),
                                Skipped.Why.valueOf(
                                        skipped.path("why").asString().toUpperCase(Locale.ROOT)))
                        : null,
                node.path("runs").asLong(),
                node.path("skips").asLong());
    }

    private static void put(ObjectNode node, String name, @Nullable Instant time) {
        if (time != null) {
            node.put(name, time.toEpochMilli());
        }
    }

    private static @Nullable Instant moment(JsonNode node, String name) {
        return node.has(name) ? Instant.ofEpochMilli(node.path(name).asLong()) : null;
    }

    private static Instant known(JsonNode node, String name) {
        return Objects.requireNonNull(moment(node, name), name);
    }
}
