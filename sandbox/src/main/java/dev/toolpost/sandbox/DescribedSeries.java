package dev.toolpost.sandbox;

import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Parallel arrays of made-up values, one for each variable that an argument lists: {@code {"hourly": {"argument": "hourly", "a_day": 24, "days": "forecast_days", "usual_days": 7}}}
 * makes {@code {hourly}} an object with {@code time} and an array for each variable.
 */
final class DescribedSeries {

    private static final int MOST_DAYS = 92;

    private DescribedSeries() {}

    static void put(JsonNode series, ReplyValues values) {
        for (Map.Entry<String, JsonNode> each : series.properties()) {
            JsonNode node = each.getValue();
            String variables = values.arguments().text(node.path("argument").asString(each.getKey()));
            if (variables == null || variables.isEmpty()) {
                continue;
            }
            int days = days(node, values.arguments());
            int aDay = node.path("a_day").asInt(24);
            String first = values.arguments().text("start_date");
            String start = first == null ? "2026-11-02" : first;
            ReplyValues _ =
                    values.write(each.getKey(), out -> write(out, LocalDate.parse(start), variables, days, aDay));
        }
    }

    private static int days(JsonNode node, RequestArguments arguments) {
        String first = arguments.text("start_date");
        String last = arguments.text("end_date");
        if (first != null && last != null) {
            long days = ChronoUnit.DAYS.between(LocalDate.parse(first), LocalDate.parse(last)) + 1;
            return Math.clamp(days, 1, MOST_DAYS);
        }
        long asked = Wire.number(arguments.text(node.path("days").asString("forecast_days")));
        return asked < 1 ? node.path("usual_days").asInt(7) : (int) Math.min(asked, MOST_DAYS);
    }

    private static void write(ByteText out, LocalDate first, String variables, int days, int aDay) {
        out.text("{\"time\":[");
        for (int i = 0; i < days * aDay; i++) {
            out.text(i == 0 ? "\"" : ",\"").text(first.plusDays(i / aDay).toString());
            if (aDay > 1) {
                out.raw((byte) 'T').digits(i % aDay * 24L / aDay, 2).text(":00");
            }
            out.raw((byte) '"');
        }
        out.raw((byte) ']');
        for (String variable : variables.split(",", -1)) {
            out.raw((byte) ',').string(variable).text(":[");
            for (int i = 0; i < days * aDay; i++) {
                if (i > 0) {
                    out.raw((byte) ',');
                }
                long value = Math.floorMod(PropertyTemplate.mix(i ^ variable.hashCode()), 300L);
                out.number(value / 10).raw((byte) '.').number(value % 10);
            }
            out.raw((byte) ']');
        }
        out.raw((byte) '}');
    }
}
