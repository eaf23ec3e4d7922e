package dev.toolpost.cli;

import java.io.PrintWriter;
import tools.jackson.databind.JsonNode;

/** Schedules for people. */
final class ScheduleTexts {
    private ScheduleTexts() {}

    static void table(JsonNode schedules, PrintWriter out) {
        Table table =
                new Table("SCHEDULE", "STATE", "TENANT", "TOOL", "WHEN", "NEXT RUN", "LAST RUN", "RUNS", "SKIPPED");
        for (JsonNode each : schedules) {
            JsonNode schedule = each.path("schedule");
            table.row(
                    each.path("schedule_id").asString("?"),
                    each.path("state").asString("?"),
                    tenant(schedule),
                    work(schedule).path("tool").asString(""),
                    when(schedule),
                    each.path("problem").isString()
                            ? Text.cut(each.path("problem").asString(), 80)
                            : JobView.time(each.path("next_run")),
                    JobView.time(each.path("last_run").path("due")),
                    Long.toString(each.path("runs").asLong()),
                    Long.toString(each.path("skips").asLong()));
        }
        table.print(out);
    }

    static void details(JsonNode view, PrintWriter out) {
        JsonNode schedule = view.path("schedule");
        JsonNode work = work(schedule);
        Table table = new Table("Schedule", view.path("schedule_id").asString("?"))
                .row("State", view.path("state").asString("?"));
        optional(table, "Problem", view.path("problem").asString(""));
        table.row("When", when(schedule))
                .row(
                        schedule.path("call").isObject() ? "Call" : "Job",
                        work.path("tool").asString(""))
                .row("Tenant", tenant(schedule));
        optional(table, "Connections", connections(work));
        optional(table, "Arguments", Text.cut(work.path("arguments").toString(), 200));
        optional(table, "Sink", work.path("sink").asString(work.path("reply_to").asString("")));
        table.row("Missed runs", schedule.path("missed").asString("once"))
                .row("Overlapping runs", schedule.path("overlap").asString("skip"));
        optional(table, "Next run", JobView.time(view.path("next_run")));
        JsonNode last = view.path("last_run");
        if (last.isObject()) {
            table.row("Last run", last.path("job_id").asString("") + ", began " + JobView.time(last.path("began")));
        }
        JsonNode skipped = view.path("last_skipped");
        if (skipped.isObject()) {
            table.row(
                    "Last skipped",
                    JobView.time(skipped.path("due")) + ": "
                            + (skipped.path("why").asString("").equals("overlap")
                                    ? "the run before was not over"
                                    : "nobody was there when it was due"));
        }
        table.row(
                        "Runs, skipped",
                        view.path("runs").asLong() + ", " + view.path("skips").asLong())
                .print(out);
    }

    private static JsonNode work(JsonNode schedule) {
        return schedule.path("job").isObject() ? schedule.path("job") : schedule.path("call");
    }

    private static String connections(JsonNode work) {
        if (work.path("vendor").isString()) {
            return "all of " + work.path("vendor").asString();
        }
        StringBuilder names = new StringBuilder(work.path("connection").asString(""));
        work.path("connections")
                .forEach(each -> names.append(names.isEmpty() ? "" : ", ").append(each.asString("")));
        return Text.cut(names.toString(), 200);
    }

    private static String tenant(JsonNode schedule) {
        String own = schedule.path("tenant").asString("");
        return own.isEmpty() ? work(schedule).path("tenant").asString("") : own;
    }

    private static String when(JsonNode schedule) {
        return schedule.path("at").isNumber()
                ? "once, " + JobView.time(schedule.path("at"))
                : schedule.path("cron").asString("") + " "
                        + schedule.path("time_zone").asString("");
    }

    private static void optional(Table table, String name, String value) {
        if (!value.isEmpty()) {
            table.row(name, value);
        }
    }
}
