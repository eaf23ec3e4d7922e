package dev.toolpost.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A job's status for people. */
final class JobView {
    private static final Set<String> OVER = Set.of("finished", "finished_with_errors", "cancelled", "rejected");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());
    private static final int MOST_FAILURES = 10;

    private JobView() {}

    static String state(JsonNode status) {
        return status.path("state").asString("?");
    }

    /** Whether nothing more becomes of the job by itself. */
    static boolean isOver(JsonNode status) {
        return OVER.contains(state(status));
    }

    /** Whether it ended with all that it was to fetch. */
    static boolean isWhole(JsonNode status) {
        return state(status).equals("finished");
    }

    static String tenant(JsonNode status) {
        String ofJob = status.path("job").path("tenant").asString("");
        return ofJob.isEmpty() ? status.path("call").path("tenant").asString("") : ofJob;
    }

    static String tool(JsonNode status) {
        String ofJob = status.path("job").path("tool").asString("");
        return ofJob.isEmpty() ? status.path("call").path("tool").asString("") : ofJob;
    }

    /** Such as: 12,400 records, 3 of 5 parts, 1 failed, 1,653 records/s, ends in 0:17. */
    static String figures(JsonNode status, Instant now) {
        List<String> figures = new ArrayList<>();
        figures.add(number(status.path("records").asLong()) + " records");
        figures.add(status.path("parts_done").asInt() + " of "
                + status.path("parts").asInt() + " parts");
        if (status.path("parts_failed").asInt() > 0) {
            figures.add(status.path("parts_failed").asInt() + " failed");
        }
        if (!isOver(status)) {
            if (status.path("records_per_second").isNumber()) {
                figures.add(number(Math.round(status.path("records_per_second").asDouble())) + " records/s");
            }
            if (status.path("expected_end").isNumber()) {
                figures.add("ends in " + until(status.path("expected_end").asLong(), now));
            }
        }
        return String.join(", ", figures);
    }

    static void table(JsonNode jobs, PrintWriter out, Instant now) {
        Table table = new Table(
                "JOB", "STATE", "TENANT", "TOOL", "PARTS", "FAILED", "RECORDS", "RATE", "ENDS IN", "SUBMITTED");
        for (JsonNode job : jobs) {
            boolean over = isOver(job);
            table.row(
                    job.path("job_id").asString("?"),
                    state(job),
                    tenant(job),
                    tool(job),
                    job.path("parts_done").asInt() + " of " + job.path("parts").asInt(),
                    Integer.toString(job.path("parts_failed").asInt()),
                    number(job.path("records").asLong()),
                    over || !job.path("records_per_second").isNumber()
                            ? ""
                            : number(Math.round(job.path("records_per_second").asDouble())) + "/s",
                    over || !job.path("expected_end").isNumber()
                            ? ""
                            : until(job.path("expected_end").asLong(), now),
                    time(job.path("submitted_at")));
        }
        table.print(out);
    }

    static void details(JsonNode status, PrintWriter out, Instant now) {
        JsonNode job = status.path("job");
        Table table = new Table("Job", status.path("job_id").asString("?"))
                .row("State", state(status))
                .row("Tool", tool(status))
                .row("Tenant", tenant(status));
        optional(table, "Connections", connections(status));
        optional(
                table,
                "Arguments",
                text(
                        job.isObject()
                                ? job.path("arguments")
                                : status.path("call").path("arguments")));
        optional(table, "Expanded by", text(job.path("expand")));
        optional(table, "Sink", job.path("sink").asString(""));
        optional(table, "Schedule", status.path("schedule_id").asString(""));
        optional(table, "Submitted by", status.path("submitter").asString(""));
        table.row("Progress", figures(status, now))
                .row(
                        "Pages, bytes",
                        number(status.path("pages").asLong()) + ", "
                                + number(status.path("bytes").asLong()))
                .row("Submitted", time(status.path("submitted_at")));
        optional(table, "Started", time(status.path("started_at")));
        optional(table, "Ended", time(status.path("finished_at")));
        optional(table, "Deadline", time(job.path("deadline")));
        table.print(out);
        failures(status, out);
    }

    /** Which parts were given up, and why. */
    static void failures(JsonNode status, PrintWriter out) {
        JsonNode failures = status.path("failures");
        JsonNode error = status.path("error");
        if (failures.isEmpty() && error.isObject()) {
            out.println(Text.visible(error.path("code").asString("") + ": "
                    + error.path("message").asString("")));
        }
        int shown = 0;
        for (JsonNode failure : failures) {
            if (shown++ == MOST_FAILURES) {
                out.println("  … and " + (failures.size() - MOST_FAILURES) + " more; --output json has them");
                break;
            }
            JsonNode why = failure.path("error");
            out.println("  part " + failure.path("part").asInt() + ", "
                    + Text.visible(failure.path("connection").asString("")) + ", after "
                    + number(failure.path("records").asLong()) + " records: "
                    + Text.visible(why.path("code").asString("?") + ": "
                            + why.path("message").asString("")));
        }
    }

    private static String connections(JsonNode status) {
        String ofCall = status.path("call").path("connection").asString("");
        if (!ofCall.isEmpty()) {
            return ofCall;
        }
        JsonNode job = status.path("job");
        List<String> names = new ArrayList<>();
        job.path("connections").forEach(each -> names.add(each.asString("")));
        String shown = String.join(", ", names.subList(0, Math.min(8, names.size())));
        return names.size() > 8 ? shown + " and " + (names.size() - 8) + " more" : shown;
    }

    private static void optional(Table table, String name, String value) {
        if (!value.isEmpty()) {
            table.row(name, value);
        }
    }

    private static String text(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return "";
        }
        return Text.cut(node.isString() ? node.asString() : node.toString(), 200);
    }

    static String time(JsonNode millis) {
        return millis.isNumber() && millis.asLong() > 0 ? TIME.format(Instant.ofEpochMilli(millis.asLong())) : "";
    }

    /** How long from now, such as 0:17 or 2:03:00. */
    static String until(long millis, Instant now) {
        return span(Duration.between(now, Instant.ofEpochMilli(millis)));
    }

    static String span(@Nullable Duration span) {
        long seconds = span == null || span.isNegative() ? 0 : span.toSeconds();
        return seconds < 3_600
                ? "%d:%02d".formatted(seconds / 60, seconds % 60)
                : "%d:%02d:%02d".formatted(seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }

    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
