package dev.toolpost.connectors;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads where answers say how long to wait, and other values of answers. */
final class WaitReader {
    private WaitReader() {}

    /** The entries of a list of waits; those that are wrong are reported and left out. */
    static List<WaitRule> rules(Section waits) {
        List<WaitRule> rules = new ArrayList<>();
        for (Section one : waits.items()) {
            List<WaitSource> sources = new ArrayList<>();
            Section latest = one.find("latest");
            if (latest == null) {
                addIfRight(sources, one);
            } else if (one.node().size() > 1) {
                one.error("an entry is either latest or a wait of its own", "move the other keys into latest");
            } else {
                latest.items().forEach(item -> addIfRight(sources, item));
            }
            if (!sources.isEmpty()) {
                rules.add(new WaitRule(sources));
            }
        }
        return rules;
    }

    private static void addIfRight(List<WaitSource> sources, Section one) {
        WaitSource source = source(one);
        if (source != null) {
            sources.add(source);
        }
    }

    /** One wait, or null where it was wrong. */
    static @Nullable WaitSource source(Section one) {
        if (!one.has("form")) {
            one.error("how the wait is spelt is missing", "add form");
            return null;
        }
        WaitSource.Form form = WaitSource.Form.of(one.text("form"));
        boolean named = one.has("header") || one.has("body");
        if (form == WaitSource.Form.MIDNIGHT && named) {
            one.get("form").error("midnight is no part of an answer", "remove header, body and matches");
            return null;
        }
        ValueSource value = form == WaitSource.Form.MIDNIGHT ? null : value(one);
        if (form != WaitSource.Form.MIDNIGHT && value == null) {
            return null;
        }
        ZoneId zone = zone(one);
        if (zone == null) {
            return null;
        }
        Duration min = one.duration("min", Duration.ZERO);
        Duration max = one.durationOrNull("max");
        if (max != null && min.compareTo(max) > 0) {
            one.get("min").error("min is longer than max", "exchange them");
            return null;
        }
        Section remaining = one.find("remaining");
        ValueSource left = remaining == null ? null : value(remaining);
        if (remaining != null && left == null) {
            return null;
        }
        return new WaitSource(value, left, form, zone, min, max);
    }

    /** A place in an answer, or null where it was wrong. */
    static @Nullable ValueSource value(Section one) {
        if (one.has("header") == one.has("body")) {
            one.error(
                    one.has("header") ? "header and body exclude each other" : "where the value stands is missing",
                    one.has("header") ? "remove one of them" : "add header or body");
            return null;
        }
        ValueSource.Place place = one.has("header")
                ? new ValueSource.Header(one.text("header"))
                : new ValueSource.Body(one.get("body").jsonPointer());
        Section matches = one.find("matches");
        if (matches == null) {
            return new ValueSource(place, null);
        }
        TextPattern pattern = matches.parsed(TextPattern::compile);
        if (pattern == null) {
            return null;
        }
        if (pattern.groups() != 1) {
            matches.error(
                    "the expression has " + pattern.groups() + " groups (expected: 1)",
                    "put what counts into parentheses; (?:...) groups without counting");
            return null;
        }
        return new ValueSource(place, pattern);
    }

    /** The member {@code time_zone}, UTC where there is none; null where it was wrong. */
    static @Nullable ZoneId zone(Section one) {
        Section zone = one.find("time_zone");
        return zone == null ? ZoneOffset.UTC : zone.parsed(WaitReader::parseZone);
    }

    private static ZoneId parseZone(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException unknown) {
            throw new IllegalArgumentException(
                    "time_zone: '" + text + "' (expected: a name like Europe/Prague, UTC, or an offset like +02:00)",
                    unknown);
        }
    }
}
