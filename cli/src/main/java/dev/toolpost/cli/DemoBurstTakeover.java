package dev.toolpost.cli;

import dev.toolpost.client.PendingCall;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.VendorStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The burst once more, over two workers of which one is killed in the middle: the limits hold all the same. */
final class DemoBurstTakeover {
    private static final int CALLS_PER_ACCOUNT = 250;

    /** How many of the killed worker's accounts' calls are answered before the kill: more than one window's, fewer than two. */
    private static final int KILL_AFTER_ANSWERS = 125;

    private static final Duration LATENCY = Duration.ofMillis(40);

    private final DemoStage stage;
    private final DemoReport report;

    DemoBurstTakeover(DemoStage stage, DemoReport report) {
        this.stage = stage;
        this.report = report;
    }

    void run() throws InterruptedException {
        report.begin(
                "Burst, kill",
                "the limit is kept all the same",
                "The burst again, now for an account in every shard and over two workers, of which one is killed with SIGKILL"
                        + " while it works. The other must answer the rest, and not one request too many may reach the vendor.");
        GuestWorker guest = stage.secondWorker();
        List<String> connections = stage.accounts().hubspotsIn(_ -> true, 1, "both-hubspot");
        List<String> guests = connections.stream()
                .filter(each -> guest.owned(stage.accounts().shardOf(each)))
                .toList();
        report.also("Worker 2 (process " + guest.pid() + ") has " + guests.size() + " of " + connections.size()
                + " accounts");
        stage.vendor().reset();
        long originNanos = System.nanoTime();
        stage.vendor().inject(Fault.latency(LATENCY).on("GET", "*"));
        List<PendingCall> calls = new ArrayList<>();
        List<PendingCall> callsOfGuest = new ArrayList<>();
        for (int i = 0; i < CALLS_PER_ACCOUNT; i++) {
            for (String connection : connections) {
                PendingCall call = stage.client()
                        .call(DemoStage.call("hubspot_get_contact", connection, "{\"contact_id\":\"" + (51 + i) + "\"}")
                                .build());
                calls.add(call);
                if (guests.contains(connection)) {
                    callsOfGuest.add(call);
                }
            }
        }
        report.sent(calls.size() + " calls of hubspot_get_contact for " + connections.size() + " accounts at once");
        long needed = (long) KILL_AFTER_ANSWERS * guests.size();
        while (Progress.over(callsOfGuest) < needed && Progress.over(calls) < calls.size()) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        guest.kill();
        long killedNanos = System.nanoTime() - originNanos;
        long openAtKill = callsOfGuest.size() - Progress.over(callsOfGuest);
        report.also("worker 2 was killed; " + openAtKill + " of its calls had no answer yet");
        Progress.await(calls, report, "answered");
        judge(calls, guests, openAtKill, killedNanos);
    }

    private void judge(List<PendingCall> calls, List<String> guests, long openAtKill, long killedNanos) {
        VendorStats seen = stage.vendor().stats();
        int most = VendorSide.mostInAnyWindow(stage.vendor());
        OptionalLong first = VendorSide.firstAfter(
                stage.vendor(), guests.stream().map(DemoAccounts::token).collect(Collectors.toSet()), killedNanos);
        String after = first.isEmpty()
                ? "never"
                : DemoReport.seconds((first.getAsLong() - killedNanos) / 1_000_000) + " s after the kill";
        long answered = calls.stream().filter(Progress::isOk).count();
        report.vendorSaw(VendorSide.seen(seen) + "; at most " + most + " of an account in any "
                + DemoStage.WINDOW.toSeconds() + " s");
        report.cameBack(answered + " results; the other worker went on with the killed one's accounts " + after);
        report.check("the kill left calls open", openAtKill > 0);
        report.check("every call was answered with a result", answered == calls.size());
        report.check("the vendor rejected none", seen.violations() == 0 && most <= DemoStage.PERMITS);
        report.check("the other worker took over", first.isPresent());
        report.end(answered + " of " + calls.size() + " answered, " + seen.violations() + " rejected; over " + after);
    }
}
