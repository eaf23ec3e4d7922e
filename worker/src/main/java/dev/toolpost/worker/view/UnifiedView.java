package dev.toolpost.worker.view;

import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.View;
import dev.toolpost.connectors.ViewException;
import dev.toolpost.connectors.ViewExpression;
import dev.toolpost.worker.classify.PageRecords;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/**
 * The unified view of one tool: its connector's expression, compiled once. Immutable; safe to share between threads. Every mapping is
 * bounded in time and depth.
 */
public final class UnifiedView {

    private static final int DEEPEST_RESULT = 20;

    private final String model;
    private final ViewExpression expression;

    private UnifiedView(String model, ViewExpression expression) {
        this.model = model;
        this.expression = expression;
    }

    /** The unified view of a tool, or null where it has none. Compiling takes a while: keep it. */
    public static @Nullable UnifiedView of(Tool tool) {
        View view = tool.unified();
        return view == null ? null : new UnifiedView(view.model(), ViewExpression.compile(view.expression()));
    }

    /** Name of the common model. */
    public String model() {
        return model;
    }

    /**
     * Maps one record.
     *
     * @param recordJson JSON in UTF-8
     * @return a JSON object of the common model, in UTF-8
     * @throws UnmappableException with index 0
     */
    public byte[] map(byte[] recordJson) throws UnmappableException {
        try {
            if (!(expression.evaluate(ViewJson.read(recordJson)) instanceof Map<?, ?> object)) {
                throw UnmappableException.to(model, "what comes of it is no object");
            }
            if (!(object.get("id") instanceof String id) || id.isEmpty()) {
                throw UnmappableException.to(model, "it has no id");
            }
            return ViewJson.write(object, DEEPEST_RESULT, false);
        } catch (ViewException wrong) {
            throw UnmappableException.to(model, wrong.getMessage());
        } catch (ViewJson.UnwritableException wrong) {
            throw UnmappableException.to(model, wrong.getMessage());
        }
    }

    /**
     * Maps a whole answer.
     *
     * @param body JSON in UTF-8, as the vendor sent it
     * @param list where the body holds the page's records, or null where the body as a whole is the record
     * @return a JSON array of the page's records in the common model; for a tool without pages the mapped object
     * @throws UnmappableException for the first record that cannot be mapped; none is left out
     */
    public byte[] mapBody(byte[] body, @Nullable JsonPointer list) throws UnmappableException {
        if (list == null) {
            return map(body);
        }
        return map(PageRecords.of(body, list)).array().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Maps the records of a page.
     *
     * @return as many records, in the same order
     * @throws UnmappableException for the first record that cannot be mapped; none is left out
     */
    public PageRecords map(PageRecords records) throws UnmappableException {
        List<byte[]> mapped = new ArrayList<>(records.size());
        for (int i = 0; i < records.size(); i++) {
            try {
                mapped.add(map(records.record(i)));
            } catch (UnmappableException unmappable) {
                throw unmappable.at(i);
            }
        }
        return PageRecords.of(mapped);
    }
}
