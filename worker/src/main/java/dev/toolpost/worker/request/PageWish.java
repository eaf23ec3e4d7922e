package dev.toolpost.worker.request;

import dev.toolpost.connectors.Paging;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What a request asks of paging.
 *
 * @param values at the places that the tool names
 * @param link path and query of the page where the vendor gave a link to it, else null
 */
record PageWish(
        Map<Paging.Place, JsonNode> values, @Nullable String link) {

    static final PageWish NONE = new PageWish(Map.of(), null);

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    static PageWish of(
            @Nullable Paging paging, JsonNode arguments, @Nullable String vendorCursor, @Nullable Integer limit)
            throws RequestProblemException {
        if (paging == null) {
            return new PageWish(Map.of(), null);
        }
        Map<Paging.Place, JsonNode> values = new LinkedHashMap<>();
        Paging.PageSize pageSize = paging.pageSize();
        try {
            Integer size = size(paging, arguments, vendorCursor, limit);
            if (pageSize != null && size != null) {
                values.put(pageSize.place(), NODES.numberNode(size));
            }
            if (vendorCursor != null) {
                switch (paging) {
                    case Paging.Cursor cursor -> values.put(cursor.cursor(), NODES.stringNode(vendorCursor));
                    case Paging.Offset offset ->
                        values.put(offset.offset(), NODES.numberNode(Long.parseLong(vendorCursor)));
                    case Paging.PageNumber page ->
                        values.put(
                                page.page(),
                                NODES.numberNode(
                                        NumberedPage.parse(vendorCursor).number()));
                    case Paging.Rows _ -> throw RequestProblemException.ofCursor();
                    case Paging.NextLink _ -> {
                        return new PageWish(values, checkedLink(vendorCursor));
                    }
                }
            }
        } catch (NumberFormatException notOurs) {
            throw RequestProblemException.ofCursor();
        }
        return new PageWish(values, null);
    }

    /** The records to ask for, or null where the tool has no page size. */
    static @Nullable Integer size(
            Paging paging, JsonNode arguments, @Nullable String vendorCursor, @Nullable Integer limit) {
        Paging.PageSize size = paging.pageSize();
        if (size == null) {
            return null;
        }
        if (paging instanceof Paging.PageNumber && vendorCursor != null) {
            Integer same = NumberedPage.parse(vendorCursor).size();
            if (same != null) {
                return same;
            }
        }
        if (limit != null) {
            return Math.clamp(limit, size.smallest(), size.largest());
        }
        JsonNode asked = arguments.path(Paging.LIMIT);
        return asked.isNumber()
                ? Integer.valueOf(Math.clamp(asked.asLong(size.standard()), size.smallest(), size.largest()))
                : Integer.valueOf(size.standard());
    }

    /** Links are reduced to path and query when they come in; what else stands there is no place of this tool. */
    private static String checkedLink(String link) throws RequestProblemException {
        if (!link.startsWith("/") || link.startsWith("//") || link.indexOf('\\') >= 0 || link.indexOf('#') >= 0) {
            throw RequestProblemException.ofCursor();
        }
        return link;
    }
}
