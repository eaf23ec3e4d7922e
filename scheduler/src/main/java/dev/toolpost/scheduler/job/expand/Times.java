package dev.toolpost.scheduler.job.expand;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Days or moments from one to another. Steps are counted from the beginning, so that months that begin on the 31st do not drift.
 *
 * @param from in UTC
 * @param to in UTC
 * @param dates whether the values are dates without a time
 */
record Times(LocalDateTime from, LocalDateTime to, long step, ChronoUnit unit, boolean dates) implements Scale {

    @Override
    public long points() {
        long steps = Math.max(0, unit.between(from, to) / step);
        while (!at(steps + 1).isAfter(to)) {
            steps++;
        }
        return steps + 1;
    }

    @Override
    public long windows() {
        long points = points();
        return at(points - 1).isBefore(to) ? points : points - 1;
    }

    @Override
    public JsonNode point(long index) {
        return node(at(index));
    }

    @Override
    public JsonNode pointOrEnd(long index) {
        return node(earlier(at(index)));
    }

    @Override
    public JsonNode lastBefore(long index) {
        return node(earlier(at(index).minus(1, dates ? ChronoUnit.DAYS : ChronoUnit.SECONDS)));
    }

    private LocalDateTime at(long index) {
        return from.plus(index * step, unit);
    }

    private LocalDateTime earlier(LocalDateTime time) {
        return time.isAfter(to) ? to : time;
    }

    private JsonNode node(LocalDateTime time) {
        String text = dates
                ? time.toLocalDate().toString()
                : time.atOffset(ZoneOffset.UTC).toInstant().toString();
        return JsonNodeFactory.instance.stringNode(text);
    }
}
