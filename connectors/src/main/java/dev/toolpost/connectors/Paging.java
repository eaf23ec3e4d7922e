package dev.toolpost.connectors;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/**
 * How a list is walked page by page. Immutable. Models see the arguments {@value #LIMIT} and {@value #NEXT_CURSOR} whatever the vendor
 * calls them. Other ways of paging become further records here.
 */
public sealed interface Paging {
    /** Argument of every paged tool that has a page size: how many records a page may hold. */
    String LIMIT = "limit";

    /** Argument of every paged tool: the opaque cursor of the page before. */
    String NEXT_CURSOR = "next_cursor";

    /** Where the page's records are in the body; the empty pointer where the body is the list. */
    JsonPointer records();

    /** The size of a page, or null where the vendor alone decides. */
    @Nullable
    PageSize pageSize();

    /**
     * The answer holds a cursor; the next request sends it back. No cursor, null or an empty one ends the list.
     *
     * @param records where the page's records are in the body
     * @param nextCursor where the body holds the next page's cursor (a string, or a number to be sent as text)
     * @param cursor where the next request takes it
     * @param pageSize the size of a page, or null where the vendor alone decides
     */
    record Cursor(
            JsonPointer records,
            JsonPointer nextCursor,
            Place cursor,
            @Nullable PageSize pageSize) implements Paging {}

    /**
     * The size of a page.
     *
     * @param place where the request takes it
     * @param standard what is asked for when the call says nothing
     * @param largest the most that the vendor gives
     */
    record PageSize(Place place, int standard, int largest) {}

    /** A place in a request. */
    sealed interface Place {}

    /** A parameter of the query. */
    record InQuery(String name) implements Place {}

    /** A member of the JSON body; objects on the way are made. */
    record InBody(JsonPointer pointer) implements Place {}
}
