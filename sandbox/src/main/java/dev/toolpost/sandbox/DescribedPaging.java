package dev.toolpost.sandbox;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How a list is cut into pages.
 *
 * @param place the argument that names a page
 * @param before with {@link Kind#LAST_RECORD}, the argument for the page that ends before a record
 * @param size the argument for the page's length
 * @param largest above which the length is refused with {@code badSize}, or cut where that is null
 * @param reach how many records can be reached at all; those behind them end the list, or are refused with {@code badReach}
 * @param token what a cursor looks like
 * @param firstPage the number of the first page
 * @param newestFirst whether the order is that of falling ids
 */
record DescribedPaging(
        Kind kind,
        String place,
        @Nullable String before,
        String size,
        int usual,
        int largest,
        long reach,
        IdForm token,
        boolean base64,
        int firstPage,
        boolean newestFirst,
        boolean linkHeader,
        @Nullable String badPlace,
        @Nullable String badSize,
        @Nullable String badReach) {

    enum Kind {
        /** One page with everything up to its length. */
        NONE,
        /** An opaque text for the next record. */
        CURSOR,
        /** The number of a page. */
        PAGE,
        /** The number of records before the page. */
        OFFSET,
        /** The id of the last record of the page before. */
        LAST_RECORD
    }

    static DescribedPaging read(JsonNode node) {
        return new DescribedPaging(
                Kind.valueOf(node.path("kind").asString("none").toUpperCase(Locale.ROOT)),
                node.path("place").asString("cursor"),
                text(node, "before"),
                node.path("size").asString("limit"),
                node.path("usual").asInt(100),
                node.path("largest").asInt(1000),
                node.path("reach").asLong(Long.MAX_VALUE),
                IdForm.parse(node.path("token").asString("{id}")),
                node.path("base64").asBoolean(false),
                node.path("first_page").asInt(1),
                node.path("newest_first").asBoolean(false),
                node.path("link_header").asBoolean(false),
                text(node, "bad_place"),
                text(node, "bad_size"),
                text(node, "bad_reach"));
    }

    private static @Nullable String text(JsonNode node, String name) {
        JsonNode value = node.path(name);
        return value.isString() ? value.asString() : null;
    }
}
