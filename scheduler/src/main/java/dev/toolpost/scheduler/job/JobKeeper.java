package dev.toolpost.scheduler.job;

import dev.toolpost.message.JobCommand;
import dev.toolpost.message.JobStatus;
import dev.toolpost.scheduler.job.accept.Acceptance;
import dev.toolpost.scheduler.job.accept.JobPlan;
import dev.toolpost.scheduler.job.state.Effect;
import dev.toolpost.scheduler.job.state.JobHead;
import dev.toolpost.scheduler.job.state.JobStep;
import dev.toolpost.schemas.Format;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.jspecify.annotations.Nullable;

/** Finds jobs, lets {@link JobStep} decide, keeps what it says and has written what follows. Confined to its stream thread. */
final class JobKeeper {

    private static final int MOST_RECENT = 200;

    /** Of all partitions of an instance together these take a fraction of its heap: parsed, a job takes a few times its text. */
    private static final long MOST_RECENT_CHARACTERS = 2 << 20;

    private final JobParameters parameters;
    private final JobMessages messages;
    private final JobStores stores;
    private final ReadOnlyKeyValueStore<byte[], ValueAndTimestamp<byte[]>> statuses;
    private final JobWriter writer;
    private final RecentJobs recent = new RecentJobs(MOST_RECENT, MOST_RECENT_CHARACTERS);

    JobKeeper(
            JobParameters parameters,
            JobMessages messages,
            JobStores stores,
            ReadOnlyKeyValueStore<byte[], ValueAndTimestamp<byte[]>> statuses,
            JobWriter writer) {
        this.parameters = parameters;
        this.messages = messages;
        this.stores = stores;
        this.statuses = statuses;
        this.writer = writer;
    }

    JobStores stores() {
        return stores;
    }

    /** A job that is accepted, before anything of it is kept. */
    KnownJob made(JobCommand command, JobPlan plan, Format format, String digest) {
        JobCommand settled = JobCommand.newBuilder(command)
                .setJob(plan.job())
                .setCall(plan.call())
                .build();
        return new KnownJob(
                new JobRecords(command.getJobId(), settled, plan), plan.vendor(), plan.resumeTopic(), format, digest);
    }

    /** Why its records do not fit into their topics; null where they do. */
    Acceptance.@Nullable Rejected unfit(String id, KnownJob job) {
        return writer.unfit(job, job.records().status(head(job), stores.book(id), writer.now()));
    }

    /** The job was accepted just now. */
    void begin(String id, KnownJob job) {
        String text = messages.text(job.records().command());
        stores.plan(
                id,
                new JobStores.Kept(
                        text, job.vendor(), job.resumeTopic(), job.format().wireName(), job.digest()));
        stores.head(id, head(job));
        recent.put(id, job, text);
    }

    private JobHead head(KnownJob job) {
        JobPlan plan = job.records().plan();
        return JobHead.accepted(
                plan.parts(), plan.concurrency(), plan.cappedRecords(), writer.now(), plan.deadlineMillis());
    }

    /** A job of which something is kept, or null. */
    @Nullable
    KnownJob find(String id) {
        KnownJob known = recent.get(id);
        if (known != null) {
            return known;
        }
        JobStores.Kept kept = stores.plan(id);
        if (kept == null) {
            return null;
        }
        JobCommand command = messages.command(kept.command());
        JobPlan plan = parameters.acceptance().again(command, kept.vendor(), kept.resumeTopic());
        KnownJob job = new KnownJob(
                new JobRecords(id, command, plan),
                kept.vendor(),
                kept.resumeTopic(),
                Format.fromWireName(kept.format()).orElse(Format.JSON),
                kept.digest());
        recent.put(id, job, kept.command());
        return job;
    }

    /** What was published of a job, which outlives what is kept of it; null where that is nothing. */
    @Nullable
    JobStatus status(String id) {
        ValueAndTimestamp<byte[]> found = statuses.get(id.getBytes(StandardCharsets.UTF_8));
        return found == null ? null : messages.status(parameters.topics().jobStatus(), found.value());
    }

    void step(String id, KnownJob job, Consumer<JobStep> how) {
        JobHead head = stores.head(id);
        if (head == null) {
            return;
        }
        JobStep step =
                new JobStep(id, job.records().isCall(), head, stores.book(id), parameters.settings(), writer.now());
        how.accept(step);
        if (!step.head().equals(head)) {
            stores.head(id, step.head());
            parameters.meters().moved(job.vendor(), head, step.head());
        }
        boolean publishes = false;
        for (Effect effect : step.effects()) {
            publishes |= effect instanceof Effect.Publish;
            carryOut(id, job, step.head(), effect);
        }
        if (publishes) {
            writer.publish(job.records().status(step.head(), stores.book(id), writer.now()), job.format());
        }
    }

    private void carryOut(String id, KnownJob job, JobHead head, Effect effect) {
        switch (effect) {
            case Effect.Offer offer -> writer.offer(id, job, offer);
            case Effect.Withdraw withdraw -> writer.withdraw(id, job, withdraw);
            case Effect.Freed freed -> writer.freed(id, job, freed);
            case Effect.Stop stop -> writer.stop(job, stop);
            case Effect.Probe probe -> writer.probe(id, probe);
            case Effect.LastFrame last -> writer.lastFrame(job, last);
            case Effect.Tell(String kind, var part, var error, var message) ->
                writer.tell(job.records().event(head, kind, part, error, message, writer.now()), job.format());
            case Effect.Wake(long at, var alarm, int part) -> stores.wake(at, id, alarm, part);
            case Effect.Publish() -> {
                // Once, when all else is done.
            }
        }
    }

    /** Removes as much as one go may of what is kept of a job; false where something is left. */
    boolean clear(String id, int mostParts) {
        recent.remove(id);
        return stores.clear(id, mostParts);
    }
}
