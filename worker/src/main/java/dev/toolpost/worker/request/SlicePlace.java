package dev.toolpost.worker.request;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The place of a page in a list of which the vendor gives only so much. Such a list is read in slices: where one ends, the next is asked for
 * from the last record on. Immutable; its text is a JSON array.
 *
 * @param at the place within the slice, as lists without a cap have it; null for the slice's first page
 * @param pages pages of the slice so far
 * @param rows records of the slice so far, repeated ones included
 * @param since the value that the slice was asked for from, or null for the first slice
 * @param order how the values have come so far
 * @param last the value of the last record so far, or null
 * @param tail hashes of the records so far that hold this value; {@link #MOST_TOLD_APART} at most, one more where there are more
 * @param seen hashes of the records that the slice repeats from the one before
 * @param cut whether an answer said that the vendor left some of the list out
 */
public record SlicePlace(
        @Nullable String at,
        int pages,
        long rows,
        @Nullable JsonNode since,
        Order order,
        @Nullable JsonNode last,
        List<String> tail,
        List<String> seen,
        boolean cut) {

    /** Records of one value that the beginning of the next slice may repeat. */
    public static final int MOST_TOLD_APART = 1_000;

    private static final SlicePlace FIRST =
            new SlicePlace(null, 0, 0, null, Order.NONE, null, List.of(), List.of(), false);
    private static final int PARTS = 9;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** How the values that a list is restarted from have come. */
    public enum Order {
        /** All the same so far. */
        NONE,
        ASCENDING,
        DESCENDING,
        /** Now this way and now that, or not there: the list cannot be asked for anew from a value. */
        MIXED
    }

    public SlicePlace {
        tail = List.copyOf(tail);
        seen = List.copyOf(seen);
    }

    /**
     * Reads a place; null is the list's first.
     *
     * @throws RequestProblemException where it is none, or one behind which the vendor gives nothing
     */
    public static SlicePlace parse(@Nullable String text) throws RequestProblemException {
        if (text == null) {
            return FIRST;
        }
        try {
            JsonNode parts = CanonicalJson.parse(text);
            if (parts.isArray() && parts.size() == 1) {
                throw RequestProblemException.ofEnd(parts.get(0).asString(""));
            }
            // Cursors that were given out before say nothing of a cut.
            if (!parts.isArray() || (parts.size() != PARTS && parts.size() != PARTS - 1)) {
                throw RequestProblemException.ofCursor();
            }
            return new SlicePlace(
                    parts.get(0).isNull() ? null : parts.get(0).asString(),
                    parts.get(1).asInt(),
                    parts.get(2).asLong(),
                    orNull(parts.get(3)),
                    Order.valueOf(parts.get(4).asString()),
                    orNull(parts.get(5)),
                    texts(parts.get(6)),
                    texts(parts.get(7)),
                    parts.path(8).asBoolean(false));
        } catch (JacksonException | IllegalArgumentException notOurs) {
            throw RequestProblemException.ofCursor();
        }
    }

    /** The place as text. */
    public String text() {
        ArrayNode parts = NODES.arrayNode();
        parts.add(at).add(pages).add(rows).add(since).add(order.name()).add(last);
        tail.forEach(parts.addArray()::add);
        seen.forEach(parts.addArray()::add);
        parts.add(cut);
        return parts.toString();
    }

    /** The text of a place behind which the vendor gives nothing, though there is more. */
    public static String end(String why) {
        return NODES.arrayNode().add(why).toString();
    }

    /** What two places that lead to the same page have in common, however they were reached. */
    public static String identity(String text) {
        try {
            SlicePlace place = parse(text);
            return place.since() + " " + place.at();
        } catch (RequestProblemException theEnd) {
            return text;
        }
    }

    private static @Nullable JsonNode orNull(@Nullable JsonNode node) {
        return node == null || node.isNull() ? null : node;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>(array.size());
        array.forEach(item -> texts.add(item.asString()));
        return texts;
    }
}
