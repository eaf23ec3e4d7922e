package dev.toolpost.worker.request;

import dev.toolpost.connectors.Paging;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a request asks of paging.
 *
 * @param values at the places that the tool names, in whose places the request's own give way
 * @param link path and query of the page where the vendor gave a link to it, else null
 */
record PageWish(
        Map<Paging.Place, JsonNode> values, @Nullable String link) {

    static final PageWish NONE = new PageWish(Map.of(), null);

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Whether a place is that of a list's first page, or of the first page of a list that is asked for anew. */
    static boolean isFirst(@Nullable Paging paging, @Nullable String vendorCursor) throws RequestProblemException {
        return vendorCursor == null
                || (paging != null
                        && paging.cap() != null
                        && SlicePlace.parse(vendorCursor).at() == null);
    }

    static PageWish of(
            @Nullable Paging paging, JsonNode arguments, @Nullable String vendorCursor, @Nullable Integer limit)
            throws RequestProblemException {
        if (paging == null) {
            return new PageWish(Map.of(), null);
        }
        Map<Paging.Place, JsonNode> values = new LinkedHashMap<>();
        Paging.PageSize pageSize = paging.pageSize();
        String at = vendorCursor;
        if (paging.cap() != null) {
            SlicePlace slice = SlicePlace.parse(vendorCursor);
            restart(values, paging.cap(), slice);
            at = slice.at();
        }
        try {
            Integer size = size(paging, arguments, vendorCursor, limit);
            if (pageSize != null && size != null) {
                values.put(pageSize.place(), NODES.numberNode(size));
            }
            if (at != null) {
                switch (paging.way()) {
                    case Paging.Cursor(Paging.Source _, Paging.Place cursor) ->
                        values.put(cursor, cursorAt(cursor, at));
                    case Paging.LastRecord(JsonPointer _, Paging.Place cursor, boolean _) ->
                        values.put(cursor, cursorAt(cursor, at));
                    case Paging.Offset offset -> values.put(offset.offset(), NODES.numberNode(Long.parseLong(at)));
                    case Paging.PageNumber page ->
                        values.put(
                                page.page(),
                                NODES.numberNode(NumberedPage.parse(at).number()));
                    case Paging.Continue(JsonPointer _, boolean inBody) -> addMembers(values, at, inBody);
                    case Paging.Rows _ -> throw RequestProblemException.ofCursor();
                    case Paging.NextLink _, Paging.LinkHeader _ -> {
                        return new PageWish(values, checkedLink(at));
                    }
                }
            }
        } catch (NumberFormatException notOurs) {
            throw RequestProblemException.ofCursor();
        }
        return new PageWish(values, null);
    }

    /** Whether paging fills the parameter, so that the request's own of that name gives way. */
    boolean fills(String parameter) {
        return values.containsKey(new Paging.InQuery(parameter));
    }

    private static void restart(Map<Paging.Place, JsonNode> values, Paging.Cap cap, SlicePlace slice)
            throws RequestProblemException {
        Paging.Restart restart = cap.restart();
        JsonNode since = slice.since();
        if (restart == null || since == null) {
            return;
        }
        JsonNode value = restart.value() == null
                ? since
                : new Rendering(NODES.objectNode().set(Paging.Restart.VALUE, since)).node(restart.value());
        values.put(restart.to(), value);
    }

    private static JsonNode cursorAt(Paging.Place place, String cursor) {
        return place instanceof Paging.InBody(JsonPointer _, boolean asNumber) && asNumber
                ? NODES.numberNode(new BigDecimal(cursor))
                : NODES.stringNode(cursor);
    }

    private static void addMembers(Map<Paging.Place, JsonNode> values, String object, boolean inBody)
            throws RequestProblemException {
        JsonNode members;
        try {
            members = CanonicalJson.parse(object);
        } catch (JacksonException notOurs) {
            throw RequestProblemException.ofCursor();
        }
        if (!(members instanceof ObjectNode)) {
            throw RequestProblemException.ofCursor();
        }
        for (Map.Entry<String, JsonNode> member : members.properties()) {
            values.put(
                    inBody
                            ? new Paging.InBody(JsonPointer.empty().appendProperty(member.getKey()))
                            : new Paging.InQuery(member.getKey()),
                    member.getValue());
        }
    }

    /** The records to ask for, or null where the tool has no page size. */
    static @Nullable Integer size(
            Paging paging, JsonNode arguments, @Nullable String vendorCursor, @Nullable Integer limit)
            throws RequestProblemException {
        Paging.PageSize size = paging.pageSize();
        if (size == null) {
            return null;
        }
        SlicePlace slice = paging.cap() == null ? null : SlicePlace.parse(vendorCursor);
        String at = slice == null ? vendorCursor : slice.at();
        if (paging.way() instanceof Paging.PageNumber && at != null) {
            try {
                Integer same = NumberedPage.parse(at).size();
                if (same != null) {
                    return same;
                }
            } catch (NumberFormatException notOurs) {
                throw RequestProblemException.ofCursor();
            }
        }
        JsonNode asked = arguments.path(Paging.LIMIT);
        int wanted;
        if (limit != null) {
            wanted = Math.clamp(limit, size.smallest(), size.largest());
        } else {
            wanted = asked.isNumber()
                    ? Math.clamp(asked.asLong(size.standard()), size.smallest(), size.largest())
                    : size.standard();
        }
        if (slice == null || paging.cap() == null || paging.cap().rows() == null) {
            return wanted;
        }
        return Math.clamp(paging.cap().rows() - slice.rows(), size.smallest(), wanted);
    }

    /** Links are reduced to path and query when they come in; what else stands there is no place of this tool. */
    private static String checkedLink(String link) throws RequestProblemException {
        if (!link.startsWith("/") || link.startsWith("//") || link.indexOf('\\') >= 0 || link.indexOf('#') >= 0) {
            throw RequestProblemException.ofCursor();
        }
        return link;
    }
}
