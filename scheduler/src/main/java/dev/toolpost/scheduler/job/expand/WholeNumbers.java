package dev.toolpost.scheduler.job.expand;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Whole numbers from one to another, both of at most 15 digits, so that no sum overflows. */
record WholeNumbers(long from, long to, long step) implements Scale {

    static final long MOST = 999_999_999_999_999L;

    @Override
    public long points() {
        return (to - from) / step + 1;
    }

    @Override
    public long windows() {
        return Math.ceilDiv(to - from, step);
    }

    @Override
    public JsonNode point(long index) {
        return node(from + index * step);
    }

    @Override
    public JsonNode pointOrEnd(long index) {
        return node(Math.min(to, from + index * step));
    }

    @Override
    public JsonNode lastBefore(long index) {
        return node(Math.min(to, from + index * step - 1));
    }

    private static JsonNode node(long value) {
        return value >= Integer.MIN_VALUE && value <= Integer.MAX_VALUE
                ? JsonNodeFactory.instance.numberNode((int) value)
                : JsonNodeFactory.instance.numberNode(value);
    }
}
