package dev.toolpost.worker.call;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A call's arguments, checked.
 *
 * @param values as the call gave them, fit for the tool's schema: what cursors are bound to and writes are known by
 * @param filled the same with the defaults of what the call left out: what requests are made of
 * @param vendorCursor the vendor's own cursor; null for the first page
 * @param limit records wanted in a page; null for the argument {@code limit} or else the tool's own default
 * @param skip records at the page's beginning that were answered before
 */
record Arguments(
        ObjectNode values,
        ObjectNode filled,
        @Nullable String vendorCursor,
        @Nullable Integer limit,
        int skip) {

    /** The same with values that an answer before gave, as texts by their names. */
    Arguments with(Map<String, String> taken) {
        ObjectNode more = filled.deepCopy();
        taken.forEach(more::put);
        return new Arguments(values, more, vendorCursor, limit, skip);
    }

    /** The same for another page. */
    Arguments at(@Nullable String place, @Nullable Integer wanted) {
        return new Arguments(values, filled, place, wanted, 0);
    }
}
