package dev.toolpost.connectors.openapi;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * An operation as a tool.
 *
 * @param operation as {@code GET /things}
 * @param name the tool's short name
 * @param tool its definition but for paging
 * @param paging how its list is walked, or null
 * @param pagingGuess what that was concluded from, for a comment; empty without paging
 */
record ImportedTool(
        String operation,
        String name,
        ObjectNode tool,
        @Nullable ObjectNode paging,
        String pagingGuess) {}
