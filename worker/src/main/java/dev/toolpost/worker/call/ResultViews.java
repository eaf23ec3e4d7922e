package dev.toolpost.worker.call;

import dev.toolpost.connectors.Tool;
import dev.toolpost.worker.classify.PageRecords;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.view.UnifiedView;
import dev.toolpost.worker.view.UnmappableException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.core.JsonPointer;

/** Shows what vendors answered as calls want to see it: natively, byte for byte, or in a common model. Thread-safe. */
final class ResultViews {

    private final Map<String, UnifiedView> byTool = new ConcurrentHashMap<>();

    /** The content of a frame that answers with one page or one object, less the records that the caller has already. */
    String content(Call call, Tool tool, Arguments arguments, Verdict.Success answer) throws UnmappableException {
        JsonPointer list = answer.list();
        byte[] answered = list == null || arguments.skip() == 0
                ? answer.body()
                : PageRecords.without(answer.body(), list, arguments.skip());
        byte[] shown = call.isUnified() ? unified(tool).mapBody(answered, list) : answered;
        return new String(shown, StandardCharsets.UTF_8);
    }

    /** The records of a page. */
    PageRecords records(Call call, Tool tool, PageRecords records) throws UnmappableException {
        return call.isUnified() ? unified(tool).map(records) : records;
    }

    private UnifiedView unified(Tool tool) {
        return byTool.computeIfAbsent(
                tool.name(), name -> Objects.requireNonNull(UnifiedView.of(tool), "unified view of " + name));
    }
}
