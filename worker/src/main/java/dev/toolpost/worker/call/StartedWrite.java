package dev.toolpost.worker.call;

import dev.toolpost.message.StateEntry;
import dev.toolpost.worker.commit.CommitUnit;
import dev.toolpost.worker.commit.CommitUnit.Result;
import dev.toolpost.worker.commit.Committer;
import dev.toolpost.worker.journal.Journal;
import dev.toolpost.worker.journal.WriteIdentity;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** One write's side of the journal, from its admission to its reply. Belongs to the call's thread. */
final class StartedWrite {

    private final WriteIdentity identity;
    private final String bodyHash;
    private final boolean mustNotRepeat;
    private final RunningCall run;
    private final Committer committer;
    private final Function<StateEntry, ProducerRecord<byte[], byte[]>> encode;
    private boolean started;
    private boolean interrupted;
    private boolean goesOn;
    private boolean ended;

    /** @param mustNotRepeat whether every attempt has to be journaled before it */
    StartedWrite(
            WriteIdentity identity,
            String bodyHash,
            boolean mustNotRepeat,
            RunningCall run,
            Committer committer,
            Function<StateEntry, ProducerRecord<byte[], byte[]>> encode) {
        this.identity = identity;
        this.bodyHash = bodyHash;
        this.mustNotRepeat = mustNotRepeat;
        this.run = run;
        this.committer = committer;
        this.encode = encode;
    }

    /** Whether an attempt may be under way whose outcome nobody knows yet. */
    boolean isOpen() {
        return started;
    }

    /**
     * Makes the attempt durable before it is made.
     *
     * @return false where the shard is lost, so that it must not be made
     */
    boolean start(int attempt) throws InterruptedException {
        if (!mustNotRepeat || goesOn) {
            return true;
        }
        boolean counts = publish(journal().started(identity, bodyHash, attempt));
        started = counts;
        return counts;
    }

    /** Makes durable that the vendor did not act, before any wait. */
    boolean notProcessed(int attempt) throws InterruptedException {
        if (!started) {
            return true;
        }
        boolean counts = publish(journal().notProcessed(identity, bodyHash, attempt));
        started = !counts;
        return counts;
    }

    /** An earlier attempt was started and its outcome is not known. */
    StartedWrite interrupted() {
        interrupted = true;
        return this;
    }

    /** The vendor has taken its work on before: what is sent from here on only asks after it. */
    StartedWrite goingOn() {
        goesOn = true;
        return this;
    }

    boolean goesOn() {
        return goesOn;
    }

    /** The entry that goes with what goes on to wait for the vendor's work. */
    StateEntry accepted() {
        return journal().accepted(identity, bodyHash, run.attempts());
    }

    boolean wasInterrupted() {
        return interrupted;
    }

    /** The entry that goes with the reply where the vendor provably did nothing and the same write may come again. */
    StateEntry untouched(int attempt) {
        return journal().notProcessed(identity, bodyHash, attempt);
    }

    /** The entry that goes with the reply. */
    StateEntry done(@Nullable String code, List<byte[]> frames) {
        return journal().done(identity, bodyHash, run.attempts(), code, frames);
    }

    /** The record of an entry, for the call's own shard. */
    ProducerRecord<byte[], byte[]> record(StateEntry entry) {
        return encode.apply(entry);
    }

    /** The reply is out, or the call is gone from this worker; only the first time counts. */
    void end(@Nullable StateEntry done, @Nullable RecordMetadata place) {
        if (ended) {
            return;
        }
        ended = true;
        if (done != null) {
            journal().committed(done, place == null ? -1 : place.offset());
        }
        journal().leave(identity);
    }

    private Journal journal() {
        return run.shard().journal();
    }

    private boolean publish(StateEntry entry) throws InterruptedException {
        CommitUnit unit =
                CommitUnit.publish(run.delivery().shard(), run.delivery().partition(), List.of(encode.apply(entry)));
        committer.submit(unit);
        if (Committer.await(unit) instanceof Result.Committed(RecordMetadata place)) {
            journal().committed(entry, place == null ? -1 : place.offset());
            return true;
        }
        return false;
    }
}
