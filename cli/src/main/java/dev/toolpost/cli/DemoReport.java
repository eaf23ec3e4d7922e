package dev.toolpost.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Tells what happens, step by step, and keeps what held and what did not. Used by one thread, but for {@link #fallSilent}. */
final class DemoReport {
    private static final int WIDTH = 110;
    private static final Duration REDRAW = Duration.ofMillis(200);
    private static final Duration NEW_LINE = Duration.ofSeconds(2);

    private final PrintWriter out;
    private volatile boolean quiet;
    private final boolean terminal;
    private final List<Step> steps = new ArrayList<>();
    private @Nullable Step current;
    private boolean onProgressLine;
    private long progressNanos = System.nanoTime();

    /** @param quiet tell nothing until the summary, for JSON */
    DemoReport(PrintWriter out, boolean quiet) {
        this.out = out;
        this.quiet = quiet;
        this.terminal = Terminals.out();
    }

    /** One step and what came of it. */
    private static final class Step {
        private final String title;
        private final String shows;
        private final long startedNanos = System.nanoTime();
        private final List<String> failed = new ArrayList<>();
        private long tookMillis;
        private int checks;
        private String figures = "";

        private Step(String title, String shows) {
            this.title = title;
            this.shows = shows;
        }
    }

    /** Says no more: the demo was interrupted. */
    void fallSilent() {
        quiet = true;
    }

    /** A line outside the steps. */
    void note(String text) {
        line(text);
    }

    /**
     * Begins a step.
     *
     * @param shows what it is to show, in a few words
     * @param about what happens in it
     */
    void begin(String title, String shows, String about) {
        Step step = new Step(title, shows);
        current = step;
        steps.add(step);
        line("");
        line(steps.size() + "  " + title);
        line("   " + Text.wrap(about, WIDTH, "   "));
    }

    void sent(String text) {
        labelled("sent", text);
    }

    void vendorSaw(String text) {
        labelled("vendor saw", text);
    }

    void cameBack(String text) {
        labelled("came back", text);
    }

    void also(String text) {
        labelled("", text);
    }

    void table(Columns columns) {
        line("");
        columns.lines().forEach(each -> line("   " + each));
    }

    /** Something that has to hold for the demo to succeed. */
    boolean check(String what, boolean holds) {
        Step step = step();
        step.checks++;
        if (!holds) {
            step.failed.add(what);
        }
        labelled(holds ? "ok" : "FAILED", what);
        return holds;
    }

    /** Ends the step; the figures are what the summary says about it. */
    void end(String figures) {
        Step step = step();
        step.figures = figures;
        step.tookMillis = (System.nanoTime() - step.startedNanos) / 1_000_000;
        current = null;
    }

    /** Ends the step, which could not be done at all. */
    void broken(Throwable thrown) {
        if (current == null) {
            begin("Going on", "the demo goes on", "The demo broke between two steps.");
        }
        check("the step runs to its end (" + Failure.of(thrown).message() + ")", false);
        end("broken off");
    }

    /** How far a step is: in a line that takes the last one's place where there is a terminal, else in a line now and then. */
    void progress(String text) {
        long nowNanos = System.nanoTime();
        if (quiet || nowNanos - progressNanos < (terminal ? REDRAW : NEW_LINE).toNanos()) {
            return;
        }
        progressNanos = nowNanos;
        if (terminal) {
            out.print("\r\033[K   " + text);
            onProgressLine = true;
        } else {
            out.println("   " + text);
        }
        out.flush();
    }

    boolean passed() {
        return steps.stream().allMatch(step -> step.failed.isEmpty());
    }

    /** The table at the end. */
    void summary(long tookMillis, long firstReplyMillis) {
        if (quiet) {
            return;
        }
        Table table = new Table("STEP", "SHOWS", "WHAT CAME OF IT", "SECONDS", "CHECKS");
        for (Step step : steps) {
            table.row(
                    step.title,
                    step.shows,
                    step.figures,
                    seconds(step.tookMillis),
                    step.failed.isEmpty() ? step.checks + " ok" : step.failed.size() + " FAILED");
        }
        line("");
        table.print(out);
        line("");
        line((passed() ? "All of it held. " : "It did not hold: ") + String.join("; ", failures())
                + (passed() ? "" : ". ") + "First reply " + seconds(firstReplyMillis) + " s after the start, all in "
                + seconds(tookMillis) + " s.");
    }

    /** The same for scripts. */
    ObjectNode json(long tookMillis, long firstReplyMillis) {
        ObjectNode document = Json.object();
        document.put("passed", passed()).put("took_ms", tookMillis).put("first_reply_ms", firstReplyMillis);
        ArrayNode list = document.putArray("steps");
        for (Step step : steps) {
            ObjectNode node = list.addObject();
            node.put("step", step.title)
                    .put("shows", step.shows)
                    .put("passed", step.failed.isEmpty())
                    .put("took_ms", step.tookMillis)
                    .put("figures", step.figures)
                    .put("checks", step.checks);
            ArrayNode failed = node.putArray("failed");
            step.failed.forEach(failed::add);
        }
        return document;
    }

    static String seconds(long millis) {
        return "%d.%d".formatted(millis / 1000, millis % 1000 / 100);
    }

    private List<String> failures() {
        return steps.stream().flatMap(step -> step.failed.stream()).toList();
    }

    private Step step() {
        if (current == null) {
            throw new IllegalStateException("no step has begun");
        }
        return current;
    }

    private void labelled(String label, String text) {
        line("   %-10s  %s".formatted(label, Text.wrap(text, WIDTH, "               ")));
    }

    private void line(String text) {
        if (quiet) {
            return;
        }
        if (onProgressLine) {
            out.print("\r\033[K");
            onProgressLine = false;
        }
        out.println(text);
        out.flush();
    }
}
