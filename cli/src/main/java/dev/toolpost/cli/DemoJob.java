package dev.toolpost.cli;

import dev.toolpost.client.PendingCall;
import dev.toolpost.message.Job;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.VendorStats;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.config.ToolpostConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A large job runs behind interactive calls, and the scheduler that follows it is killed and started again in the middle. */
final class DemoJob {
    private static final String JOB = "demo-job";
    private static final int CONNECTIONS = 5;
    private static final int RECORDS_EACH = 10_000;
    private static final int RECORDS = CONNECTIONS * RECORDS_EACH;
    private static final int CONCURRENCY = 2;
    private static final int KILL_AFTER_RECORDS = 12_000;
    private static final int CALLS_PER_SECOND = 8;
    private static final Duration BOUND = Duration.ofMinutes(2);
    private static final Duration STEP = Duration.ofMillis(100);

    private final DemoStage stage;
    private final DemoReport report;
    private final CompletableFuture<GuestScheduler> started;
    private final Map<Integer, Set<String>> ids = new TreeMap<>();
    private final List<Interactive> calls = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();
    private volatile boolean over;
    private int disordered;
    private int twice;
    private long records;
    private int ended;

    /** @param started the scheduler, which may be starting still */
    DemoJob(DemoStage stage, DemoReport report, CompletableFuture<GuestScheduler> started) {
        this.stage = stage;
        this.report = report;
        this.started = started;
    }

    /** A call that comes while the job runs. */
    private record Interactive(PendingCall call, long sentNanos, AtomicLong answeredNanos) {}

    void run() throws InterruptedException {
        report.begin(
                "Batch job, kill",
                "interactive first, all of it once",
                "A job fetches " + JobView.number(RECORDS) + " records from " + CONNECTIONS + " accounts, "
                        + CONCURRENCY
                        + " at a time, while agents go on calling for the same accounts. In the middle the"
                        + " scheduler that follows the job is killed with SIGKILL, and started again.");
        GuestScheduler scheduler = scheduler();
        List<String> connections =
                stage.accounts().hubspotsIn(_ -> true, 2, "batch-hubspot").subList(0, CONNECTIONS);
        stage.vendor().reset();
        stage.vendor().records("contacts", RECORDS_EACH);
        ToolpostConfig config = stage.stack().config();
        Job job = Job.newBuilder()
                .setTool("hubspot_list_contacts")
                .setTenant(DemoAccounts.TENANT)
                .setConnections(connections)
                .setSink(new Topics(config.prefix()).replies())
                .setConcurrency(CONCURRENCY)
                .build();
        FetchPlace place = FetchPlace.begin(stage.directory().resolve("job"), JOB, job);
        long startedNanos = System.nanoTime();
        try (SinkReader reader = SinkReader.open(config, String.valueOf(job.getSink()), place)) {
            JobCommands.submit(config, JOB, job);
            report.sent("a job to " + new Topics(config.prefix()).jobs() + ", and " + CALLS_PER_SECOND
                    + " calls of hubspot_get_contact a second");
            Thread calling = Thread.ofPlatform().daemon().name("interactive").start(() -> call(connections));
            scheduler = follow(reader, place, scheduler);
            over = true;
            calling.join();
        } finally {
            over = true;
        }
        Progress.await(calls.stream().map(Interactive::call).toList(), report, "interactive calls answered");
        judge(finished(scheduler), (System.nanoTime() - startedNanos) / 1_000_000);
    }

    private GuestScheduler scheduler() throws InterruptedException {
        try {
            return started.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException wrong ? wrong : new IllegalStateException(e.getCause());
        }
    }

    /** Interactive calls at a steady pace, for each of the accounts in turn. */
    @SuppressWarnings("FutureReturnValueIgnored") // what fails is asked of the call
    private void call(List<String> connections) {
        long nextNanos = System.nanoTime();
        for (int i = 0; !over; i++) {
            AtomicLong answered = new AtomicLong();
            long sentNanos = System.nanoTime();
            try {
                PendingCall call = stage.client()
                        .call(DemoStage.call(
                                        "hubspot_get_contact",
                                        connections.get(i % connections.size()),
                                        "{\"contact_id\":\"" + (51 + i % 900) + "\"}")
                                .build());
                call.reply().whenComplete((_, _) -> answered.set(System.nanoTime()));
                calls.add(new Interactive(call, sentNanos, answered));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            nextNanos += TimeUnit.SECONDS.toNanos(1) / CALLS_PER_SECOND;
            LockSupport.parkNanos(Math.max(0, nextNanos - System.nanoTime()));
        }
    }

    /** Reads what the job delivers to its end, and kills in between. Says which scheduler runs at the end. */
    private GuestScheduler follow(SinkReader reader, FetchPlace place, GuestScheduler first)
            throws InterruptedException {
        GuestScheduler scheduler = first;
        boolean killed = false;
        long untilNanos = System.nanoTime() + BOUND.toNanos();
        while (ended < CONNECTIONS && System.nanoTime() - untilNanos < 0) {
            reader.poll(STEP, place, (part, round, frame) -> take(place, part, round, frame));
            if (!killed && records >= KILL_AFTER_RECORDS) {
                killed = true;
                long pid = scheduler.pid();
                scheduler.kill();
                report.also("the scheduler (process " + pid + ") was killed after " + JobView.number(records)
                        + " records had come, " + ended + " of " + CONNECTIONS
                        + " parts were over; it is started again");
                scheduler = stage.scheduler();
            }
            report.progress(JobView.number(records) + " of " + JobView.number(RECORDS) + " records, " + ended + " of "
                    + CONNECTIONS + " parts");
        }
        return scheduler;
    }

    private void take(FetchPlace place, int part, int round, ToolReply frame) {
        if (!place.wants(part, round, frame.getFrame())) {
            disordered++;
            return;
        }
        place.took(part, round, frame.getFrame(), 0);
        if (frame.getError() != null) {
            errors.add(frame.getError().getCode() + ": " + frame.getError().getMessage());
        }
        if (frame.getContent() != null) {
            Set<String> seen = ids.computeIfAbsent(part, _ -> new HashSet<>());
            for (JsonNode each : JsonMapper.shared().readTree(frame.getContent())) {
                records++;
                twice += seen.add(each.path("id").asString()) ? 0 : 1;
            }
        }
        if (frame.getLast()) {
            place.ended(part, frame.getError() == null);
            ended++;
        }
    }

    /** How the job stands once it says that it is over; null where it does not within a bound. */
    private @Nullable JsonNode finished(GuestScheduler scheduler) throws InterruptedException {
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() - untilNanos < 0) {
            if (scheduler.api().ask("/jobs/" + JOB, Map.of()) instanceof SchedulerApi.Said.Answer(JsonNode status)
                    && JobView.isOver(status)) {
                return status;
            }
            TimeUnit.MILLISECONDS.sleep(STEP.toMillis());
        }
        return null;
    }

    private void judge(@Nullable JsonNode status, long tookMillis) {
        long[] waits = calls.stream()
                .mapToLong(each -> Math.max(0, each.answeredNanos.get() - each.sentNanos) / 1_000_000)
                .sorted()
                .toArray();
        long ok = calls.stream().filter(each -> Progress.isOk(each.call)).count();
        long median = waits.length == 0 ? -1 : waits[waits.length / 2];
        long longest = Arrays.stream(waits).max().orElse(-1);
        int whole = (int) ids.values().stream()
                .filter(each -> each.size() == RECORDS_EACH)
                .count();
        VendorStats seen = stage.vendor().stats();
        report.vendorSaw(VendorSide.seen(seen));
        report.cameBack(JobView.number(records) + " records in " + DemoReport.seconds(tookMillis) + " s; "
                + calls.size() + " interactive calls meanwhile, answered after " + median + " ms (median), "
                + longest + " ms at most");
        errors.stream().limit(3).forEach(report::also);
        report.check(
                "every record of every account came, once and in order",
                whole == CONNECTIONS && records == RECORDS && twice == 0 && disordered == 0 && errors.isEmpty());
        report.check(
                "the job says that it is finished, with as many records",
                status != null
                        && JobView.isWhole(status)
                        && status.path("records").asLong() == RECORDS);
        report.check("every interactive call was answered", ok == calls.size() && ok > 0);
        report.check(
                "the interactive calls went first: half of them within half a second", median >= 0 && median < 500);
        report.check("the vendor's limits held", seen.violations() == 0);
        report.end(JobView.number(records) + " records, " + twice + " twice; interactive calls " + median
                + " ms (median)");
    }
}
