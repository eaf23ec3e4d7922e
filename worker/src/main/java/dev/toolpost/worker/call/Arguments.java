package dev.toolpost.worker.call;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A call's arguments, checked.
 *
 * @param values as the tool's schema wants them, paging arguments taken out
 * @param vendorCursor the vendor's own cursor; null for the first page
 * @param limit records wanted in a page; null for the argument {@code limit} or else the tool's own default
 * @param skip records at the page's beginning that were answered before
 */
record Arguments(
        ObjectNode values,
        @Nullable String vendorCursor,
        @Nullable Integer limit,
        int skip) {

    /** The same for another page. */
    Arguments at(@Nullable String place, @Nullable Integer wanted) {
        return new Arguments(values, place, wanted, 0);
    }
}
