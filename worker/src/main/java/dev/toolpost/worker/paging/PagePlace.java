package dev.toolpost.worker.paging;

import tools.jackson.databind.JsonNode;

/**
 * A place in a traversal: what a cursor stands for.
 *
 * @param vendorCursor the vendor's own cursor of the page to fetch
 * @param skip records at the page's beginning that the reader has already
 * @param arguments of the traversal, without {@code limit} and {@code next_cursor}
 */
public record PagePlace(String vendorCursor, int skip, JsonNode arguments) {}
