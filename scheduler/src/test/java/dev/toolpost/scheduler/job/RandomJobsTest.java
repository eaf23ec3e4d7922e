package dev.toolpost.scheduler.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.message.JobStatus;
import dev.toolpost.message.PartEvent;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.ToolError;
import dev.toolpost.scheduler.job.state.JobSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Jobs of several tenants with workers that finish, fail, stop, forget and repeat what they told, while people pause, resume, cancel and
 * retry, and processors begin anew on their stores. Every record of a part is delivered once and in order, bounds hold at every moment, and
 * the counts add up.
 */
class RandomJobsTest {
    private static final int MOST_OF_CONNECTION = 2;
    private static final int MOST_OF_VENDOR = 6;
    private static final int JOBS = 8;

    private final JobWorld world = new JobWorld(
            JobSettings.defaults().withBounds(3, MOST_OF_CONNECTION, MOST_OF_VENDOR), ConnectorCatalogue.of(List.of()));

    /** A part at a worker. */
    private static final class Run {
        final Resumption begun;
        int frame;
        int place;
        int attempts;

        Run(Resumption begun) {
            this.begun = begun;
            this.frame = begun.getFrame();
            this.place = begun.getCursor() == null ? 0 : Integer.parseInt(begun.getCursor());
        }
    }

    private final Map<String, Run> running = new LinkedHashMap<>();
    private final Set<String> stops = new HashSet<>();
    private final List<PartEvent> told = new ArrayList<>();

    /** By job and part: how many records the sink has, which are those from 0 on. */
    private final Map<String, Integer> delivered = new TreeMap<>();

    private final Map<String, Integer> framesOfCall = new HashMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void everyPartDeliversItsRecordsOnceWhateverHappens(long seed) {
        Random random = new Random(seed);
        world.worker = this::arrives;
        for (int job = 0; job < JOBS; job++) {
            String tenant = "t" + job % 3;
            int ids = 1 + random.nextInt(6);
            world.submit(
                    "job" + job,
                    builder -> builder.setTenant(tenant)
                            .setConnections(List.of("a", "b"))
                            .setExpand("{\"id\":{\"from\":1,\"to\":" + ids + "}}")
                            .setPriority(1 + random.nextInt(9)));
        }
        for (int step = 0; step < 1_500; step++) {
            disturb(random);
            if (!running.isEmpty()) {
                work(random);
            }
            if (random.nextInt(4) == 0) {
                world.pass(Duration.ofMillis(random.nextInt(4_000)));
            }
            holds();
        }
        settle(random);
        ended();
    }

    private void disturb(Random random) {
        String job = "job" + random.nextInt(JOBS);
        switch (random.nextInt(60)) {
            case 0 -> world.steer(job, "pause");
            case 1, 2, 3 -> world.steer(job, "resume");
            case 4 -> world.steer(job, random.nextInt(6) == 0 ? "cancel" : "resume");
            case 5 -> world.steer(job, "retry");
            case 6, 7 -> world.restart();
            default -> {
                if (!told.isEmpty() && random.nextInt(10) == 0) {
                    repeat(told.get(random.nextInt(told.size())));
                }
            }
        }
    }

    /** What was told before changes nothing. */
    private void repeat(PartEvent event) {
        Map<String, JobStatus> before = new LinkedHashMap<>(world.statuses);
        int events = world.events.size();
        world.tell(event);
        assertThat(world.statuses).isEqualTo(before);
        assertThat(world.events).hasSize(events);
    }

    private void arrives(Resumption resumption) {
        String run = resumption.getCallId() + "#" + resumption.getRun();
        if (resumption.getCall().getAction().equals("cancel")) {
            stops.add(run);
            return;
        }
        Run begun = new Run(resumption);
        assertThat(running.put(run, begun)).as("begun twice: " + run).isNull();
        assertThat(begun.place).as("place of " + run).isEqualTo(delivered.getOrDefault(part(resumption), 0));
        assertThat(begun.frame).as("frame of " + run).isEqualTo(framesOfCall.getOrDefault(resumption.getCallId(), 0));
        assertThat(resumption.getRecords()).isEqualTo(begun.place);
    }

    private void work(Random random) {
        List<String> runs = List.copyOf(running.keySet());
        String name = runs.get(random.nextInt(runs.size()));
        Run run = running.get(name);
        int size = size(run.begun);
        run.attempts++;
        if (stops.remove(name)) {
            running.remove(name);
            tell(event(run, "failed", 0).setError(error("CANCELLED", false)).build());
            return;
        }
        int dice = random.nextInt(100);
        if (dice < 15) {
            running.remove(name);
            boolean lasting = dice < 3;
            tell(event(run, "failed", 0)
                    .setError(error(lasting ? "REJECTED" : "UNAVAILABLE", !lasting))
                    .build());
            return;
        }
        int records = Math.min(size - run.place, random.nextInt(40));
        deliver(run, records);
        boolean done = run.place == size;
        if (done) {
            running.remove(name);
        }
        tell(event(run, done ? "done" : "progress", records).build());
    }

    private void deliver(Run run, int records) {
        int before = delivered.getOrDefault(part(run.begun), 0);
        assertThat(run.place).as("a worker goes on where the sink ends").isEqualTo(before);
        run.place += records;
        delivered.put(part(run.begun), run.place);
        if (records > 0) {
            run.frame++;
            framesOfCall.put(run.begun.getCallId(), run.frame);
        }
    }

    private PartEvent.Builder event(Run run, String kind, int records) {
        return JobWorld.event(run.begun, kind)
                .setFrame(run.frame)
                .setCursor(run.place == 0 ? null : Integer.toString(run.place))
                .setAttempts(run.attempts)
                .setRecords(records)
                .setPages(records > 0 ? 1 : 0);
    }

    private void tell(PartEvent event) {
        told.add(event);
        world.tell(event);
    }

    private void holds() {
        assertThat(running).hasSizeLessThanOrEqualTo(MOST_OF_VENDOR);
        Map<String, Integer> places = new HashMap<>();
        Map<String, Integer> jobs = new HashMap<>();
        running.values().forEach(run -> {
            places.merge(
                    run.begun.getCall().getTenant() + "/" + run.begun.getCall().getConnection(), 1, Integer::sum);
            jobs.merge(run.begun.getJobId(), 1, Integer::sum);
        });
        assertThat(places.values()).allMatch(count -> count <= MOST_OF_CONNECTION);
        assertThat(jobs.values()).allMatch(count -> count <= 3);
    }

    /** Nobody disturbs any more, and workers finish what they have. */
    private void settle(Random random) {
        for (int job = 0; job < JOBS; job++) {
            world.steer("job" + job, "resume");
            world.steer("job" + job, "retry");
        }
        for (int step = 0; step < 20_000 && !allEnded(); step++) {
            if (running.isEmpty()) {
                world.pass(Duration.ofMinutes(1));
                continue;
            }
            String name = List.copyOf(running.keySet()).get(random.nextInt(running.size()));
            Run run = running.remove(name);
            run.attempts++;
            if (stops.remove(name)) {
                tell(event(run, "failed", 0).setError(error("CANCELLED", false)).build());
            } else {
                int records = size(run.begun) - run.place;
                deliver(run, records);
                tell(event(run, "done", records).build());
            }
        }
        world.pass(Duration.ofSeconds(10));
    }

    private boolean allEnded() {
        return world.statuses.values().stream()
                .allMatch(status ->
                        Set.of("finished", "finished_with_errors", "cancelled").contains(status.getState()));
    }

    private void ended() {
        assertThat(world.statuses).hasSize(JOBS);
        assertThat(running).isEmpty();
        Map<String, Long> recordsOfJob = new HashMap<>();
        delivered.forEach(
                (part, records) -> recordsOfJob.merge(part.substring(0, part.indexOf('/')), (long) records, Long::sum));
        world.statuses.forEach((id, status) -> {
            assertThat(status.getState()).as(id).isIn("finished", "finished_with_errors", "cancelled");
            assertThat(status.getRecords()).as(id).isEqualTo(recordsOfJob.getOrDefault(id, 0L));
            assertThat(status.getPartsRunning()).as(id).isZero();
            if (!status.getState().equals("cancelled")) {
                assertThat(status.getPartsDone() + status.getPartsFailed())
                        .as(id)
                        .isEqualTo(status.getParts());
                assertThat(status.getPartsFailed() == 0)
                        .isEqualTo(status.getState().equals("finished"));
            }
        });
        Map<String, Long> lastFrames = new HashMap<>();
        world.frames.forEach(frame -> {
            lastFrames.merge(frame.getCallId(), 1L, Long::sum);
            assertThat(frame.getFrame()).isEqualTo(framesOfCall.getOrDefault(frame.getCallId(), 0));
        });
        assertThat(lastFrames.values()).as("each call ends once").allMatch(count -> count == 1);
        assertThat(world.sizes())
                .as("nothing is left at the dispatcher")
                .doesNotContainKeys("job-dispatch/w", "job-dispatch/o", "job-dispatch/f", "job-dispatch/t");
    }

    private static int size(Resumption part) {
        return 20 + Math.floorMod((part.getJobId() + part.getPart()).hashCode(), 80);
    }

    private static String part(Resumption resumption) {
        return resumption.getJobId() + "/" + resumption.getPart();
    }

    private static ToolError error(String code, boolean retryable) {
        return ToolError.newBuilder()
                .setCode(code)
                .setMessage("as told")
                .setRetryable(retryable)
                .build();
    }
}
