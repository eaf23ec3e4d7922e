package dev.toolpost.cli;

import dev.toolpost.client.PendingCall;
import dev.toolpost.client.Reply;
import dev.toolpost.client.ReplyStream;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Calls are taken back: some that wait for a permit, and a traversal that is under way. */
final class DemoCancel {
    private static final int CALLS = 150;
    private static final int PAGES_BEFORE = 5;
    private static final long RECORDS = 1_000_000;

    private final DemoStage stage;
    private final DemoReport report;

    DemoCancel(DemoStage stage, DemoReport report) {
        this.stage = stage;
        this.report = report;
    }

    void run() throws InterruptedException {
        report.begin(
                "Cancel",
                "what is cancelled is left",
                "Of " + CALLS
                        + " calls for one account those above the limit wait, and are cancelled. Then a traversal of a"
                        + " million records is cancelled after some pages; its answer says where it could go on.");
        int[] waited = cancelWaiting();
        cancelTraversal(waited);
    }

    /** How many were cancelled, and how many of those the vendor saw all the same. */
    private int[] cancelWaiting() throws InterruptedException {
        String connection = "waiting-hubspot";
        stage.accounts().hubspot(connection);
        stage.vendor().reset();
        List<PendingCall> calls = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            calls.add(stage.client()
                    .call(DemoStage.call("hubspot_get_contact", connection, "{\"contact_id\":\"" + (51 + i) + "\"}")
                            .build()));
        }
        while (Progress.over(calls) < DemoStage.PERMITS) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        calls.forEach(PendingCall::cancel);
        report.sent(CALLS + " calls, and a request to cancel each that had no answer after " + DemoStage.PERMITS);
        Progress.await(calls, report, "answered");
        int cancelled = (int) calls.stream().filter(DemoCancel::isCancelled).count();
        int results = (int) calls.stream().filter(Progress::isOk).count();
        int requests = (int) stage.vendor().stats().requests();
        report.vendorSaw(VendorSide.seen(stage.vendor().stats()));
        report.cameBack(results + " results and " + cancelled + " times CANCELLED");
        report.check("calls were cancelled, all others answered", cancelled > 0 && results + cancelled == CALLS);
        report.check("no cancelled call reached the vendor", requests == results);
        return new int[] {cancelled, requests - results};
    }

    private void cancelTraversal(int[] waited) throws InterruptedException {
        String connection = "endless-hubspot";
        stage.accounts().hubspot(connection);
        stage.vendor().reset();
        stage.vendor().records("contacts", RECORDS);
        long frames = 0;
        long records = 0;
        ToolReply last = null;
        try (ReplyStream stream = stage.client().stream(
                DemoStage.call("hubspot_list_contacts", connection, "{}").all().build())) {
            for (ToolReply frame = stream.next(); frame != null; frame = stream.next()) {
                frames++;
                records += frame.getStats() == null ? 0 : frame.getStats().getRecords();
                last = frame;
                if (frames == PAGES_BEFORE) {
                    stream.cancel();
                }
            }
        }
        long requests = stage.vendor().stats().requests();
        TimeUnit.NANOSECONDS.sleep(DemoStage.WINDOW.toNanos());
        long later = stage.vendor().stats().requests() - requests;
        ToolError error = last == null ? null : last.getError();
        String code = error == null ? "no error" : error.getCode();
        report.cameBack(records + " records, then " + code + (nextCursor(last) ? " and a cursor to go on" : ""));
        report.check("the traversal ended with CANCELLED", code.equals("CANCELLED"));
        report.check("it ended early, and with a cursor", records > 0 && records < RECORDS && nextCursor(last));
        report.check("the vendor was asked nothing more", later == 0);
        report.end(waited[0] + " waiting calls, " + waited[1] + " seen by the vendor; a traversal, " + later
                + " requests later");
    }

    private static boolean nextCursor(@Nullable ToolReply last) {
        return last != null && last.getNextCursor() != null;
    }

    private static boolean isCancelled(PendingCall call) {
        Reply reply =
                call.reply().isCompletedExceptionally() ? null : call.reply().join();
        ToolError error = reply == null ? null : reply.error();
        return error != null && error.getCode().equals("CANCELLED");
    }
}
