package dev.toolpost.cli;

import dev.toolpost.client.ReplyStream;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.Churn;
import dev.toolpost.sandbox.ServedPage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A long list is walked while it changes, and the worker that walks is killed half-way. */
final class DemoTraversal {
    private static final int RECORDS = 20_000;
    private static final int KILL_AFTER_RECORDS = 8_000;
    private static final int FIRST_ID = 51;
    private static final Churn CHURN = Churn.of(3, 3, 7);
    private static final int LOGGED_PAGES = 2_000;
    private static final int BAR = 30;
    private static final Duration STEP = Duration.ofMillis(100);

    private final DemoStage stage;
    private final DemoReport report;
    private final List<List<String>> pages = new ArrayList<>();
    private int lastPage;
    private long records;
    private long longestGapNanos;
    private @Nullable ToolError error;

    DemoTraversal(DemoStage stage, DemoReport report) {
        this.stage = stage;
        this.report = report;
    }

    void run() throws InterruptedException {
        report.begin(
                "Traversal, kill",
                "every record exactly once",
                "One call gets a list of " + number(RECORDS)
                        + " records, page by page, while records are added and deleted."
                        + " Half-way the worker that walks the list is killed with SIGKILL; the other goes on.");
        GuestWorker guest = stage.secondWorker();
        String connection =
                stage.accounts().hubspotsIn(guest::owned, 1, "list-hubspot").getFirst();
        stage.vendor().reset();
        stage.vendor().records("contacts", RECORDS);
        stage.vendor().logPages(LOGGED_PAGES);
        stage.vendor().churn(CHURN);
        report.sent("hubspot_list_contacts, paging {\"mode\":\"all\"}, for an account of worker 2 (process "
                + guest.pid() + ")");
        long startedNanos = System.nanoTime();
        walk(connection, guest);
        long tookMillis = (System.nanoTime() - startedNanos) / 1_000_000;
        List<ServedPage> served = stage.vendor().pages(LOGGED_PAGES);
        stage.vendor().logPages(0);
        judge(served, tookMillis);
    }

    private void walk(String connection, GuestWorker guest) throws InterruptedException {
        boolean killed = false;
        long heardNanos = System.nanoTime();
        try (ReplyStream stream = stage.client().stream(
                DemoStage.call("hubspot_list_contacts", connection, "{}").all().build())) {
            while (!stream.isDone()) {
                ToolReply frame = stream.poll(STEP);
                if (frame != null) {
                    take(frame);
                    longestGapNanos = Math.max(longestGapNanos, System.nanoTime() - heardNanos);
                    heardNanos = System.nanoTime();
                }
                if (!killed && records >= KILL_AFTER_RECORDS) {
                    killed = true;
                    guest.kill();
                    report.also("worker 2 was killed after " + number(records) + " records had come");
                }
                report.progress(bar());
            }
        }
    }

    private void take(ToolReply frame) {
        error = frame.getError();
        if (frame.getContent() == null) {
            return;
        }
        int page = frame.getStats() == null ? lastPage + 1 : frame.getStats().getPages();
        if (page != lastPage) {
            pages.add(new ArrayList<>());
            lastPage = page;
        }
        for (JsonNode each : JsonMapper.shared().readTree(frame.getContent())) {
            pages.getLast().add(each.path("id").asString());
            records++;
        }
    }

    private void judge(List<ServedPage> served, long tookMillis) {
        ServedChain chain = new ServedChain(served);
        pages.forEach(chain::received);
        Set<String> ids = chain.ids();
        long added = ids.stream()
                .filter(id -> Long.parseLong(id) >= FIRST_ID + RECORDS)
                .count();
        long gone = RECORDS - (ids.size() - added);
        report.vendorSaw(served.size() + " requests for pages, " + chain.repeated()
                + " of them for pages of a turn that died with worker 2 and was walked again");
        report.cameBack(number(records) + " records in " + pages.size() + " pages, " + DemoReport.seconds(tookMillis)
                + " s; " + number(added) + " of them were added meanwhile, " + number(gone)
                + " had been deleted before their page; the longest pause, at the takeover, was "
                + DemoReport.seconds(longestGapNanos / 1_000_000) + " s");
        chain.problems().stream().limit(3).forEach(report::also);
        report.check("the traversal ended without an error", error == null);
        report.check("records were added and deleted meanwhile", added > 0 && gone > 0);
        report.check(
                "the pages are one chain, each as the vendor served it where the last one ended, to the vendor's end",
                chain.isWhole());
        report.check("no record came twice", chain.doubled() == 0);
        report.check("the vendor's limit held", stage.vendor().stats().violations() == 0);
        report.end(number(records) + " records, " + chain.doubled() + " twice, "
                + chain.problems().size() + " pages out of the chain; pause "
                + DemoReport.seconds(longestGapNanos / 1_000_000) + " s");
    }

    private String bar() {
        int full = (int) Math.min(BAR, records * BAR / RECORDS);
        return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "] " + number(records) + " records, " + pages.size()
                + " pages";
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
