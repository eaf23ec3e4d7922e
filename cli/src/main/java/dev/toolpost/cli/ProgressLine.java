package dev.toolpost.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Says how far something is: on a terminal in one line that is drawn anew, elsewhere in a new line every few seconds. Not
 * thread-safe.
 */
final class ProgressLine {
    private static final Duration REDRAW = Duration.ofMillis(200);
    private static final Duration NEW_LINE = Duration.ofSeconds(5);

    private final PrintWriter err;
    private final boolean terminal;
    private final long everyNanos;
    private long shownNanos = System.nanoTime();
    private boolean drawn;

    private ProgressLine(PrintWriter err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
        this.everyNanos = (terminal ? REDRAW : NEW_LINE).toNanos();
    }

    /** On standard error. */
    static ProgressLine on(PrintWriter err) {
        return new ProgressLine(err, Terminals.err());
    }

    /** Shows the text, if the last one was shown long enough ago. */
    void show(Supplier<String> text) {
        long nowNanos = System.nanoTime();
        if (nowNanos - shownNanos < everyNanos) {
            return;
        }
        shownNanos = nowNanos;
        if (terminal) {
            err.print("\r\033[K" + text.get());
            drawn = true;
        } else {
            err.println(text.get());
        }
        err.flush();
    }

    /** Makes room for other text. */
    void clear() {
        if (drawn) {
            err.print("\r\033[K");
            err.flush();
            drawn = false;
        }
    }
}
