package dev.toolpost.connectors;

import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/**
 * How a list is walked page by page. Immutable. Models see the arguments {@value #LIMIT} and {@value #NEXT_CURSOR} whatever the vendor
 * calls them.
 */
public sealed interface Paging {
    /** Argument of every paged tool that has a page size: how many records a page may hold. */
    String LIMIT = "limit";

    /** Argument of every paged tool: the opaque cursor of the page before. */
    String NEXT_CURSOR = "next_cursor";

    /** Where the page's records are in the body; the empty pointer where the body is the list. */
    JsonPointer records();

    /** Where the body says whether the page is the last one, or null where it does not. */
    @Nullable
    EndFlag end();

    /** The size of a page, or null where the vendor alone decides. */
    @Nullable
    PageSize pageSize();

    /**
     * The answer holds a cursor; the next request sends it back. No cursor, null or an empty one ends the list.
     *
     * @param records where the page's records are in the body
     * @param nextCursor where the body holds the next page's cursor (a string, or a number to be sent as text)
     * @param cursor where the next request takes it
     * @param end where the body says that the list ended though it may hold a cursor, or null
     * @param pageSize the size of a page, or null where the vendor alone decides
     */
    record Cursor(
            JsonPointer records,
            JsonPointer nextCursor,
            Place cursor,
            @Nullable EndFlag end,
            @Nullable PageSize pageSize)
            implements Paging {}

    /**
     * The request says how many records to skip; the next one skips as many more as came. The list ends by the flag, else by the total,
     * else by a page that is shorter than asked; a page without records always ends it, unless the flag says that there is more.
     *
     * @param records where the page's records are in the body
     * @param offset where the request takes the number of records to skip
     * @param first the offset of the first record; 0 nearly everywhere
     * @param total where the body holds the number of all records, or null
     * @param end where the body says whether this was the last page, or null
     * @param shortPageEnds whether, with neither flag nor total, fewer records than asked for end the list; false where the vendor
     *     fills its pages only in part
     * @param pageSize the size of a page, or null where the vendor alone decides
     */
    record Offset(
            JsonPointer records,
            Place offset,
            int first,
            @Nullable JsonPointer total,
            @Nullable EndFlag end,
            boolean shortPageEnds,
            @Nullable PageSize pageSize)
            implements Paging {}

    /**
     * The request names the page by its number. The list ends by the flag, else by the number of all pages, else by a page that is
     * shorter than asked; a page without records always ends it, unless the flag says that there is more.
     *
     * @param records where the page's records are in the body
     * @param page where the request takes the number
     * @param first the number of the first page
     * @param totalPages where the body holds the number of all pages, or null
     * @param end where the body says whether this was the last page, or null
     * @param shortPageEnds as with {@link Offset}
     * @param pageSize the size of a page, or null where the vendor alone decides
     */
    record PageNumber(
            JsonPointer records,
            Place page,
            int first,
            @Nullable JsonPointer totalPages,
            @Nullable EndFlag end,
            boolean shortPageEnds,
            @Nullable PageSize pageSize)
            implements Paging {}

    /**
     * The answer holds the address of the next page, which is fetched by GET. Only an address of the origin that was asked is followed.
     * No link, null or an empty one ends the list.
     *
     * @param records where the page's records are in the body
     * @param source where the answer holds the link
     * @param end where the body says whether this was the last page, or null
     * @param pageSize the size of a page, or null where the vendor alone decides; where it stands in the query, a link carries it by itself
     */
    record NextLink(
            JsonPointer records,
            LinkSource source,
            @Nullable EndFlag end,
            @Nullable PageSize pageSize) implements Paging {}

    /**
     * The rows of a statement. With a key the next page holds the rows behind the key of the last one, whatever was inserted or deleted
     * meanwhile, and costs no more than the first; without one it skips as many rows as were read.
     *
     * @param records the whole body, which is the list
     * @param key columns of the result that together are unique and never null, with their SQL types; rows come in their order; empty to
     *     skip instead
     * @param descending whether the key's order is turned round
     * @param pageSize the size of a page
     */
    record Rows(JsonPointer records, SequencedMap<String, String> key, boolean descending, PageSize pageSize)
            implements Paging {
        public Rows {
            key = Immutable.map(key);
        }

        @Override
        public @Nullable EndFlag end() {
            return null;
        }
    }

    /** Where an answer holds the link to the next page. */
    sealed interface LinkSource {}

    /** A text in the body: an absolute address, or one relative to the request's. */
    record LinkInBody(JsonPointer pointer) implements LinkSource {}

    /** The header {@code Link} with the relation {@code next} (RFC 8288). */
    record LinkHeader() implements LinkSource {}

    /**
     * A boolean of the body that says whether the page is the last one.
     *
     * @param pointer where it is
     * @param last its value on the last page: false for {@code has_more}, true for {@code done}
     */
    record EndFlag(JsonPointer pointer, boolean last) {}

    /**
     * The size of a page.
     *
     * @param place where the request takes it
     * @param smallest the least that may be asked for
     * @param standard what is asked for when the call says nothing
     * @param largest the most that the vendor gives
     */
    record PageSize(Place place, int smallest, int standard, int largest) {
        public PageSize(Place place, int standard, int largest) {
            this(place, 1, standard, largest);
        }
    }

    /** A place in a request. */
    sealed interface Place {}

    /** A parameter of the query. */
    record InQuery(String name) implements Place {}

    /** A member of the JSON body; objects on the way are made. */
    record InBody(JsonPointer pointer) implements Place {}

    /**
     * A header.
     *
     * @param prefix put before the value, for example {@code batchSize=}
     */
    record InHeader(String name, String prefix) implements Place {}

    /** A bound of the rows of a statement. */
    record InStatement() implements Place {}
}
