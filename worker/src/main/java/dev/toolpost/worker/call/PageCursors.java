package dev.toolpost.worker.call;

import dev.toolpost.connectors.Tool;
import dev.toolpost.worker.paging.CursorSeal;
import dev.toolpost.worker.paging.InvalidCursorException;
import dev.toolpost.worker.paging.PagePlace;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Seals and opens the cursors of calls. Thread-safe. */
final class PageCursors {

    private final CursorSeal seal;

    PageCursors(CursorSeal seal) {
        this.seal = seal;
    }

    @Nullable
    String seal(Call call, Tool tool, Arguments arguments, @Nullable String vendorCursor) {
        return vendorCursor == null
                ? null
                : seal.seal(call.tenant(), call.connection(), tool.name(), arguments.values(), vendorCursor);
    }

    PagePlace open(Call call, Tool tool, String cursor, ObjectNode arguments) throws InvalidCursorException {
        return seal.open(cursor, call.tenant(), call.connection(), tool.name(), arguments);
    }
}
