package dev.toolpost.worker.call;

import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.View;
import dev.toolpost.worker.classify.PageRecords;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.view.Selection;
import dev.toolpost.worker.view.UnifiedView;
import dev.toolpost.worker.view.UnmappableException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/**
 * Shows what vendors answered as calls want to see it: natively, byte for byte, or in a common model, and reduced to what they select.
 * Thread-safe.
 */
final class ResultViews {

    /** Compiled views and selections that are kept; a caller may send any number of them. */
    private static final int MOST_KEPT = 256;

    private final Map<View, UnifiedView> unified = new ConcurrentHashMap<>();
    private final Map<String, Selection> selections = new ConcurrentHashMap<>();

    /** The content of a frame that answers with one page or one object, less the records that the caller has already. */
    String content(Call call, Tool tool, Arguments arguments, Verdict.Success answer) throws UnmappableException {
        JsonPointer list = answer.list();
        byte[] answered = list == null || arguments.skip() == 0
                ? answer.body()
                : PageRecords.without(answer.body(), list, arguments.skip());
        Selection selection = selection(call);
        if (call.isUnified() && list != null && selection != null) {
            return selection
                    .of(unified(tool).map(PageRecords.of(answered, list)))
                    .array();
        }
        byte[] shown = call.isUnified() ? unified(tool).mapBody(answered, list) : answered;
        return new String(selection == null ? shown : selection.of(shown), StandardCharsets.UTF_8);
    }

    /** The records of a page. */
    PageRecords records(Call call, Tool tool, PageRecords records) throws UnmappableException {
        PageRecords shown = call.isUnified() ? unified(tool).map(records) : records;
        Selection selection = selection(call);
        return selection == null ? shown : selection.of(shown);
    }

    /**
     * What a call selects, or null for everything.
     *
     * @throws IllegalArgumentException where its expression is none
     */
    @Nullable
    Selection selection(Call call) {
        String source = call.message().getSelect();
        if (source == null) {
            return null;
        }
        if (selections.size() >= MOST_KEPT) {
            selections.clear();
        }
        return selections.computeIfAbsent(source, Selection::compile);
    }

    private UnifiedView unified(Tool tool) {
        if (unified.size() >= MOST_KEPT) {
            unified.clear();
        }
        View view = Objects.requireNonNull(tool.unified(), "unified view of " + tool.name());
        return unified.computeIfAbsent(view, absent -> Objects.requireNonNull(UnifiedView.of(tool)));
    }
}
