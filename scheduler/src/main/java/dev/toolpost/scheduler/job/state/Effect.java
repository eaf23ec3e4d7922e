package dev.toolpost.scheduler.job.state;

import org.jspecify.annotations.Nullable;

/** What follows from a step of a job, for whoever keeps it to carry out. */
public sealed interface Effect {

    /** The part goes to the dispatcher. */
    record Offer(int part, PartState state) implements Effect {}

    /** The dispatcher is asked for the part back; it answers, unless a worker has it already. */
    record Withdraw(int part, int run) implements Effect {}

    /** The dispatcher may count the part out. */
    record Freed(int part, int run) implements Effect {}

    /** It is asked whether something was told of the part that nobody has read yet. */
    record Probe(int part, int run) implements Effect {}

    /** The worker is told to stop the part. */
    record Stop(int part, PartState state) implements Effect {}

    /** The last frame of a part that was given up, for the sink. */
    record LastFrame(int part, PartState state, PartError error) implements Effect {}

    /**
     * An event for people.
     *
     * @param part null where it is about the whole job
     */
    record Tell(
            String kind,
            @Nullable Integer part,
            @Nullable PartError error,
            @Nullable String message) implements Effect {}

    /** The status is published anew. */
    record Publish() implements Effect {}

    /** At that time the job is asked what is due. */
    record Wake(long atMillis, Alarm alarm, int part) implements Effect {}
}
