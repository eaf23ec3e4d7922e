package dev.toolpost.worker.call;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A call's arguments, checked.
 *
 * @param values as the tool's schema wants them, paging arguments taken out
 * @param vendorCursor the vendor's own cursor; null for the first page
 * @param limit records wanted in a page; null for the tool's own default
 */
record Arguments(
        ObjectNode values,
        @Nullable String vendorCursor,
        @Nullable Integer limit) {}
