package dev.toolpost.cli;

import dev.toolpost.client.PendingCall;
import dev.toolpost.sandbox.VendorStats;
import java.util.ArrayList;
import java.util.List;

/** A burst of calls at once against a strict limit: all answered, none rejected by the vendor. */
final class DemoBurst {
    private static final int CALLS = 500;
    private static final String CONNECTION = "burst-hubspot";

    private final DemoStage stage;
    private final DemoReport report;

    DemoBurst(DemoStage stage, DemoReport report) {
        this.stage = stage;
        this.report = report;
    }

    void run() throws InterruptedException {
        stage.accounts().hubspot(CONNECTION);
        stage.vendor().reset();
        long leastMillis = (CALLS / DemoStage.PERMITS - 1) * DemoStage.WINDOW.toMillis();
        report.begin(
                "Burst",
                "a strict limit is kept",
                CALLS + " reads at once for one account. The vendor takes " + DemoStage.PERMITS + " in any "
                        + DemoStage.WINDOW.toSeconds() + " s, counts strictly, and answers 429 to everything above.");
        long startedNanos = System.nanoTime();
        List<PendingCall> calls = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            calls.add(stage.client()
                    .call(DemoStage.call("hubspot_get_contact", CONNECTION, "{\"contact_id\":\"" + (51 + i) + "\"}")
                            .build()));
        }
        report.sent(
                CALLS + " calls of hubspot_get_contact in " + (System.nanoTime() - startedNanos) / 1_000_000 + " ms");
        Progress.await(calls, report, "answered");
        long tookMillis = (System.nanoTime() - startedNanos) / 1_000_000;
        VendorStats seen = stage.vendor().stats();
        int most = VendorSide.mostInAnyWindow(stage.vendor());
        report.vendorSaw(
                VendorSide.seen(seen) + "; at most " + most + " in any " + DemoStage.WINDOW.toSeconds() + " s");
        long answered = calls.stream().filter(Progress::isOk).count();
        report.cameBack(answered + " results in " + DemoReport.seconds(tookMillis)
                + " s; the limit allows no less than " + DemoReport.seconds(leastMillis) + " s");
        report.check("every call was answered with a result", answered == CALLS);
        report.check("the vendor rejected none", seen.violations() == 0 && most <= DemoStage.PERMITS);
        report.end(CALLS + " calls in " + DemoReport.seconds(tookMillis) + " s (least "
                + DemoReport.seconds(leastMillis) + " s), " + seen.violations() + " rejected");
    }
}
