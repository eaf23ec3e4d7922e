package dev.toolpost.worker.view;

import dev.toolpost.connectors.ViewException;
import dev.toolpost.connectors.ViewExpression;
import dev.toolpost.worker.classify.PageRecords;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * A call's {@code select}: a JSONata expression, compiled once, that reduces a result. It knows what the expressions of views know and is
 * bounded as they are; the records of a page together are bounded in time. Immutable; safe to share between threads.
 */
public final class Selection {

    /** Longest expression, in characters. */
    public static final int LONGEST = 10_000;

    private static final int DEEPEST_RESULT = 100;
    private static final long LONGEST_PAGE_NANOS = 5_000_000_000L;

    private final ViewExpression expression;
    private final LongSupplier nanoTime;

    private Selection(ViewExpression expression, LongSupplier nanoTime) {
        this.expression = expression;
        this.nanoTime = nanoTime;
    }

    /**
     * Compiles an expression.
     *
     * @throws IllegalArgumentException where it is none, is too long, or holds what is left out; the message says what and where
     */
    public static Selection compile(String source) {
        return compile(source, System::nanoTime);
    }

    static Selection compile(String source, LongSupplier nanoTime) {
        if (source.isBlank()) {
            throw new IllegalArgumentException("empty (expected: a JSONata expression)");
        }
        if (source.length() > LONGEST) {
            throw new IllegalArgumentException(
                    source.length() + " characters (expected: at most " + LONGEST + " of JSONata)");
        }
        return new Selection(ViewExpression.compile(source), nanoTime);
    }

    /**
     * What it makes of a body or a record.
     *
     * @param json JSON in UTF-8
     * @return JSON in UTF-8; null where nothing comes of it
     * @throws UnmappableException with index 0
     */
    public byte[] of(byte[] json) throws UnmappableException {
        try {
            return ViewJson.write(expression.evaluate(ViewJson.read(json)), DEEPEST_RESULT, true);
        } catch (ViewException wrong) {
            throw UnmappableException.bySelect(wrong.getMessage());
        } catch (ViewJson.UnwritableException wrong) {
            throw UnmappableException.bySelect(wrong.getMessage());
        }
    }

    /**
     * What it makes of each record of a page.
     *
     * @return as many records, in the same order; null for one of which nothing comes
     * @throws UnmappableException for the first record that it fails on
     */
    public PageRecords of(PageRecords records) throws UnmappableException {
        List<byte[]> selected = new ArrayList<>(records.size());
        long end = nanoTime.getAsLong() + LONGEST_PAGE_NANOS;
        for (int i = 0; i < records.size(); i++) {
            if (nanoTime.getAsLong() - end > 0) {
                throw UnmappableException.bySelect("it takes too long for the records of one page")
                        .at(i);
            }
            try {
                selected.add(of(records.record(i)));
            } catch (UnmappableException wrong) {
                throw wrong.at(i);
            }
        }
        return PageRecords.of(selected);
    }
}
