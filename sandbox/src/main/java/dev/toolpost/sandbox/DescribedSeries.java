package dev.toolpost.sandbox;

import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Parallel arrays of made-up values, one for each variable that an argument lists: {@code {"hourly": {"argument": "hourly", "a_day": 24, "days": "forecast_days", "usual_days": 7}}}
 * makes {@code {hourly}} an object with {@code time} and an array for each variable; with {@code "single": true} one value for each instead.
 */
final class DescribedSeries {

    private static final int MOST_DAYS = 92;
    private static final LocalDate FIRST = LocalDate.of(2026, 11, 2);

    private DescribedSeries() {}

    static void put(JsonNode series, ReplyValues values) {
        for (Map.Entry<String, JsonNode> each : series.properties()) {
            JsonNode node = each.getValue();
            String variables = values.arguments().text(node.path("argument").asString(each.getKey()));
            if (variables == null || variables.isEmpty()) {
                continue;
            }
            LocalDate asked = date(values.arguments().text("start_date"));
            LocalDate first = asked == null ? FIRST : asked;
            int days = days(node, values.arguments());
            int aDay = node.path("a_day").asInt(24);
            boolean single = node.path("single").asBoolean(false);
            ReplyValues _ = values.write(each.getKey(), out -> {
                if (single) {
                    writeOne(out, first, variables);
                } else {
                    write(out, first, variables, days, aDay);
                }
            });
        }
    }

    private static int days(JsonNode node, RequestArguments arguments) {
        LocalDate first = date(arguments.text("start_date"));
        LocalDate last = date(arguments.text("end_date"));
        if (first != null && last != null) {
            long days = ChronoUnit.DAYS.between(first, last) + 1;
            return Math.clamp(days, 1, MOST_DAYS);
        }
        long asked = Wire.number(arguments.text(node.path("days").asString("forecast_days")));
        return asked < 1 ? node.path("usual_days").asInt(7) : (int) Math.min(asked, MOST_DAYS);
    }

    private static @Nullable LocalDate date(@Nullable String text) {
        try {
            return text == null ? null : LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static void writeOne(ByteText out, LocalDate day, String variables) {
        out.text("{\"time\":\"").text(day.toString()).text("T12:00\",\"interval\":900");
        for (String variable : variables.split(",", -1)) {
            out.raw((byte) ',').string(variable).raw((byte) ':');
            writeValue(out, variable, 0);
        }
        out.raw((byte) '}');
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
                writeValue(out, variable, i);
            }
            out.raw((byte) ']');
        }
        out.raw((byte) '}');
    }

    private static void writeValue(ByteText out, String variable, int place) {
        long value = Math.floorMod(PropertyTemplate.mix(place ^ variable.hashCode()), 300L);
        out.number(value / 10).raw((byte) '.').number(value % 10);
    }
}
