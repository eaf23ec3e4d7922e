package dev.toolpost.cli;

import dev.toolpost.client.PendingCall;
import dev.toolpost.client.Reply;
import dev.toolpost.message.ToolError;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.VendorStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A worker is killed under a load of reads and writes; the other takes over, loses nothing and writes nothing twice. */
final class DemoTakeover {
    private static final int CALLS = 1_200;
    private static final int CALLS_PER_SECOND = 150;
    private static final int KILL_AFTER_CALLS = 400;
    private static final int WRITE_EVERY = 3;
    private static final int CONNECTIONS_PER_SHARD = 2;

    /** How long the vendor takes, so that there is work under way at the moment of the kill. */
    private static final Duration READ_LATENCY = Duration.ofMillis(60);

    private static final Duration WRITE_LATENCY = Duration.ofMillis(300);

    private final DemoStage stage;
    private final DemoReport report;

    /** Set at the kill, on the vendor's clock. */
    private long killedAtNanos;

    DemoTakeover(DemoStage stage, DemoReport report) {
        this.stage = stage;
        this.report = report;
    }

    /** A call of the load; a write has the e-mail of the contact that it creates. */
    private record Loaded(PendingCall call, @Nullable String email) {}

    void run() throws InterruptedException {
        report.begin(
                "Load, kill",
                "nothing lost, nothing twice",
                "A second worker, a process of its own, takes a part of the work. Under a load of reads and writes it is killed"
                        + " with SIGKILL, in the middle of its requests; the first takes over what it had.");
        GuestWorker guest = stage.secondWorker();
        List<String> connections = stage.accounts().hubspotsIn(_ -> true, CONNECTIONS_PER_SHARD, "hubspot");
        List<String> guests = connections.stream()
                .filter(each -> guest.owned(stage.accounts().shardOf(each)))
                .toList();
        report.also("Worker 2 (process " + guest.pid() + ") has " + guests.size() + " of " + connections.size()
                + " connections");
        stage.vendor().reset();
        long originNanos = System.nanoTime();
        stage.vendor().inject(Fault.latency(READ_LATENCY).on("GET", "*"));
        stage.vendor().inject(Fault.latency(WRITE_LATENCY).on("POST", "*"));
        report.sent(CALLS + " calls for " + connections.size() + " accounts, " + CALLS_PER_SECOND + " a second, every "
                + WRITE_EVERY + "rd creates a contact; SIGKILL to worker 2 after " + KILL_AFTER_CALLS);
        List<Loaded> load = load(connections, guest, originNanos);
        Progress.await(load.stream().map(Loaded::call).toList(), report, "answered");
        judge(load, guests);
    }

    /** Publishes at a steady pace and kills in between. */
    private List<Loaded> load(List<String> connections, GuestWorker guest, long originNanos)
            throws InterruptedException {
        List<Loaded> load = new ArrayList<>();
        long startedNanos = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            long dueNanos = startedNanos + TimeUnit.SECONDS.toNanos(i) / CALLS_PER_SECOND;
            while (System.nanoTime() < dueNanos) {
                LockSupport.parkNanos(dueNanos - System.nanoTime());
            }
            if (i == KILL_AFTER_CALLS) {
                guest.kill();
                killedAtNanos = System.nanoTime() - originNanos;
                report.also("worker 2 was killed");
            } else if (i % CALLS_PER_SECOND == 0) {
                report.progress(i + " of " + CALLS + " sent, "
                        + load.stream().filter(each -> each.call.isDone()).count() + " answered");
            }
            load.add(call(connections.get(i / WRITE_EVERY % connections.size()), i));
        }
        return load;
    }

    private Loaded call(String connection, int number) throws InterruptedException {
        if (number % WRITE_EVERY != 0) {
            return new Loaded(
                    stage.client()
                            .call(DemoStage.call(
                                            "hubspot_get_contact",
                                            connection,
                                            "{\"contact_id\":\"" + (51 + number % 900) + "\"}")
                                    .build()),
                    null);
        }
        String email = "contact-" + number + "@example.com";
        return new Loaded(
                stage.client()
                        .call(DemoStage.call(
                                        "hubspot_create_contact",
                                        connection,
                                        "{\"properties\":{\"email\":\"" + email + "\"}}")
                                .build()),
                email);
    }

    private void judge(List<Loaded> load, List<String> guests) {
        int reads = 0;
        int writes = 0;
        int unanswered = 0;
        int wrong = 0;
        int unknown = 0;
        int unknownWritten = 0;
        int notOnce = 0;
        String sample = "";
        for (Loaded each : load) {
            Reply reply = each.call.reply().isCompletedExceptionally()
                    ? null
                    : each.call.reply().join();
            int written = each.email == null ? 0 : stage.vendor().writes("create", "contacts", each.email);
            notOnce += written > 1 ? 1 : 0;
            ToolError error = reply == null ? null : reply.error();
            if (reply == null) {
                unanswered++;
            } else if (error == null) {
                reads += each.email == null ? 1 : 0;
                writes += each.email == null ? 0 : 1;
                notOnce += each.email != null && written == 0 ? 1 : 0;
            } else if (each.email != null && error.getCode().equals("OUTCOME_UNKNOWN")) {
                unknown++;
                unknownWritten += written;
                sample = error.getMessage();
            } else {
                wrong++;
                report.also("unexpected: " + error.getCode() + ": " + error.getMessage());
            }
        }
        VendorStats seen = stage.vendor().stats();
        report.vendorSaw(VendorSide.seen(seen));
        report.cameBack(reads + " reads, " + writes + " writes, " + unknown
                + " writes whose outcome nobody can know: they were under way at the kill"
                + (unknown == 0 ? "" : " (the vendor had carried out " + unknownWritten + " of them)"));
        if (!sample.isEmpty()) {
            report.also("OUTCOME_UNKNOWN: " + sample);
        }
        long takeover = takeoverMillis(guests);
        report.also("First request of the killed worker's connections at the other: "
                + (takeover < 0 ? "none" : DemoReport.seconds(takeover) + " s after the kill")
                + " (a worker may be silent for "
                + DemoStage.SESSION.toSeconds() + " s; then its rate limits count as used up for one window)");
        report.check("every call was answered", unanswered == 0);
        report.check("with a result, or a plain OUTCOME_UNKNOWN for a write", wrong == 0);
        report.check(
                "no write happened twice, none that was confirmed is missing",
                notOnce == 0 && seen.repeatedWrites().isEmpty());
        report.check("the vendor's limits held", seen.violations() == 0);
        report.check("the other worker took over", takeover >= 0);
        report.end(load.size() + " calls: " + unanswered + " lost, " + notOnce + " twice, " + unknown
                + " unknown; over after " + DemoReport.seconds(Math.max(0, takeover)) + " s");
    }

    /** From the kill to the first request of the killed worker's connections by anybody else; -1 if there was none. */
    private long takeoverMillis(List<String> guests) {
        Set<String> tokens = guests.stream().map(DemoAccounts::token).collect(Collectors.toSet());
        OptionalLong first = VendorSide.firstAfter(stage.vendor(), tokens, killedAtNanos);
        return first.isEmpty() ? -1 : (first.getAsLong() - killedAtNanos) / 1_000_000;
    }
}
