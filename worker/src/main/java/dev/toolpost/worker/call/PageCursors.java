package dev.toolpost.worker.call;

import dev.toolpost.connectors.Tool;
import dev.toolpost.worker.paging.CursorSeal;
import dev.toolpost.worker.paging.InvalidCursorException;
import dev.toolpost.worker.paging.PagePlace;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Seals and opens the cursors of calls. Thread-safe. */
final class PageCursors {

    /** The place of a list's first page, which has no cursor of the vendor's. */
    static final String FIRST_PAGE = "";

    private final CursorSeal seal;

    PageCursors(CursorSeal seal) {
        this.seal = seal;
    }

    /** The cursor of a page, of which the reader has the first records; null where there is none. */
    @Nullable
    String seal(Call call, Tool tool, Arguments arguments, @Nullable String place, int skip) {
        return place == null ? null : sealFrom(call, tool, arguments, place, skip);
    }

    /** The cursor of a page, the list's first one for null. */
    String sealFrom(Call call, Tool tool, Arguments arguments, @Nullable String place, int skip) {
        return seal.seal(
                call.tenant(),
                call.connection(),
                tool.name(),
                arguments.values(),
                place == null ? FIRST_PAGE : place,
                skip);
    }

    PagePlace open(Call call, Tool tool, String cursor, ObjectNode arguments) throws InvalidCursorException {
        return seal.open(cursor, call.tenant(), call.connection(), tool.name(), arguments);
    }
}
