package dev.toolpost.connectors;

import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * How a list is walked page by page. Immutable. Models see the arguments {@value #LIMIT} and {@value #NEXT_CURSOR} whatever the vendor
 * calls them.
 *
 * @param way how the next page is found
 * @param records where the page's records are in the body; the empty pointer where the body is the list
 * @param recordsOptional whether the vendor leaves an empty list out; elsewhere a page without its list is malformed
 * @param end where the answer says whether the page is the last one, or null where it does not
 * @param stop conditions on the body of which each alone says that the page is the last one
 * @param pageSize the size of a page, or null where the vendor alone decides
 * @param cap how much of one list the vendor gives, or null where it gives all
 * @param later what is different from the second page on, or null where nothing is
 */
public record Paging(
        Way way,
        JsonPointer records,
        boolean recordsOptional,
        @Nullable EndFlag end,
        List<AllOf> stop,
        @Nullable PageSize pageSize,
        @Nullable Cap cap,
        @Nullable Later later) {

    /** Argument of every paged tool that has a page size: how many records a page may hold. */
    public static final String LIMIT = "limit";

    /** Argument of every paged tool: the opaque cursor of the page before. */
    public static final String NEXT_CURSOR = "next_cursor";

    public Paging {
        stop = List.copyOf(stop);
    }

    /** Paging that has nothing special. */
    public Paging(Way way, JsonPointer records, @Nullable EndFlag end, @Nullable PageSize pageSize) {
        this(way, records, false, end, List.of(), pageSize, null, null);
    }

    /** How the next page is found. */
    public sealed interface Way {}

    /**
     * The answer holds a cursor; the next request sends it back. No cursor, null or an empty one ends the list.
     *
     * @param next where the answer holds the next page's cursor (a string, or a number to be sent as text)
     * @param cursor where the next request takes it
     */
    public record Cursor(Source next, Place cursor) implements Way {}

    /**
     * The request says how many records to skip; the next one skips as many more as came. The list ends by the flag, else by the total,
     * else by a page that is shorter than asked; a page without records always ends it, unless the flag says that there is more.
     *
     * @param offset where the request takes the number of records to skip
     * @param first the offset of the first record; 0 nearly everywhere
     * @param total where the answer holds the number of all records, or null
     * @param shortPageEnds whether, with neither flag nor total, fewer records than asked for end the list; false where the vendor
     *     fills its pages only in part
     */
    public record Offset(Place offset, int first, @Nullable Source total, boolean shortPageEnds) implements Way {}

    /**
     * The request names the page by its number. The list ends by the flag, else by the number of all pages or records, else by a page
     * that is shorter than asked; a page without records always ends it, unless the flag says that there is more.
     *
     * @param page where the request takes the number
     * @param first the number of the first page
     * @param totalPages where the answer holds the number of all pages, or null
     * @param total where the answer holds the number of all records, or null; never both
     * @param shortPageEnds as with {@link Offset}
     */
    public record PageNumber(
            Place page,
            int first,
            @Nullable Source totalPages,
            @Nullable Source total,
            boolean shortPageEnds) implements Way {}

    /**
     * The answer holds the address of the next page, which is fetched by GET. Only an address of the origin that was asked is followed.
     * No link, null or an empty one ends the list.
     *
     * @param next where the answer holds the link: an absolute address, or one relative to the request's
     */
    public record NextLink(Source next) implements Way {}

    /** As {@link NextLink}; the link is that of the header {@code Link} with the relation {@code next} (RFC 8288). */
    public record LinkHeader() implements Way {}

    /**
     * The next request names the last record that came. The list ends by the flag, else by a page that is shorter than asked; a page
     * without records always ends it, unless the flag says that there is more.
     *
     * @param id where the last record holds what names it (a string or a number)
     * @param cursor where the next request takes it
     * @param shortPageEnds as with {@link Offset}
     */
    public record LastRecord(JsonPointer id, Place cursor, boolean shortPageEnds) implements Way {}

    /**
     * The answer holds an object of which the next request takes every member, whatever their names. None, null or an empty one ends
     * the list.
     *
     * @param next where the body holds the object
     * @param inBody whether its members go into the request's body; else into the query
     */
    public record Continue(JsonPointer next, boolean inBody) implements Way {}

    /**
     * The rows of a statement. With a key the next page holds the rows behind the key of the last one, whatever was inserted or deleted
     * meanwhile, and costs no more than the first; without one it skips as many rows as were read.
     *
     * @param key columns of the result that together are unique and never null, with their SQL types; rows come in their order; empty to
     *     skip instead
     * @param descending whether the key's order is turned round
     */
    public record Rows(SequencedMap<String, String> key, boolean descending) implements Way {
        public Rows {
            key = Immutable.map(key);
        }
    }

    /** Where an answer holds something. */
    public sealed interface Source {}

    /** A place in the body. */
    public record FromBody(JsonPointer pointer) implements Source {}

    /** A header of the answer. */
    public record FromHeader(String name) implements Source {}

    /**
     * A boolean of the answer that says whether the page is the last one.
     *
     * @param source where it is
     * @param last its value on the last page: false for {@code has_more}, true for {@code done}
     */
    public record EndFlag(Source source, boolean last) {
        public EndFlag(JsonPointer pointer, boolean last) {
            this(new FromBody(pointer), last);
        }
    }

    /** Conditions on a body, all of which must hold. */
    public record AllOf(List<BodyCondition> conditions) {
        public AllOf {
            conditions = List.copyOf(conditions);
        }
    }

    /**
     * The size of a page.
     *
     * @param place where the request takes it
     * @param smallest the least that may be asked for
     * @param standard what is asked for when the call says nothing
     * @param largest the most that the vendor gives
     */
    public record PageSize(Place place, int smallest, int standard, int largest) {
        public PageSize(Place place, int standard, int largest) {
            this(place, 1, standard, largest);
        }
    }

    /**
     * How much of one list the vendor gives. Where it ends, the list is asked for anew from the last record on, or cannot go on.
     *
     * @param pages pages of one list, or null
     * @param rows records of one list, or null
     * @param cut conditions on the body of which each alone says that the vendor cut the list short
     * @param total where the answer holds the number of all records, those beyond the cap included, or null
     * @param restart how the list is asked for anew, or null where it cannot be
     */
    public record Cap(
            @Nullable Integer pages,
            @Nullable Integer rows,
            List<AllOf> cut,
            @Nullable Source total,
            @Nullable Restart restart) {
        public Cap {
            cut = List.copyOf(cut);
        }
    }

    /**
     * How a list that the vendor caps is asked for anew from the last record on. The list must come in the order of a value.
     *
     * @param from where a record holds the value
     * @param to where the first request of the new list takes it; {@code *} in a pointer is every item of an array, {@code -} a new one
     * @param value what goes there, a template with the argument {@code value}; null for the value itself
     * @param inclusive whether records of that very value come again; they are told by their id and left out
     * @param id where a record holds what it is told by; only for an inclusive restart
     * @param when conditions on the arguments under which the list comes in that order; empty where it always does
     */
    public record Restart(
            JsonPointer from,
            Place to,
            BodyTemplate.@Nullable Node value,
            boolean inclusive,
            @Nullable JsonPointer id,
            List<BodyCondition> when) {

        /** The argument of {@link #value}. */
        public static final String VALUE = "value";

        public Restart {
            when = List.copyOf(when);
        }

        /** Whether the list comes in the order of the value where it is asked for with these arguments. */
        public boolean isFor(JsonNode arguments) {
            return when.stream().allMatch(condition -> condition.holds(arguments));
        }
    }

    /**
     * What is different from the second page on.
     *
     * @param request how it is asked for
     * @param paging how it is read; has no later itself
     */
    public record Later(RequestTemplate request, Paging paging) {}

    /** A place in a request. */
    public sealed interface Place {}

    /** A parameter of the query. */
    public record InQuery(String name) implements Place {}

    /**
     * A member of the JSON body; objects on the way are made.
     *
     * @param asNumber whether a cursor goes there as a number
     */
    public record InBody(JsonPointer pointer, boolean asNumber) implements Place {
        public InBody(JsonPointer pointer) {
            this(pointer, false);
        }
    }

    /**
     * A header.
     *
     * @param prefix put before the value, for example {@code batchSize=}
     */
    public record InHeader(String name, String prefix) implements Place {}

    /** A bound of the rows of a statement. */
    public record InStatement() implements Place {}
}
