package dev.toolpost.worker.call;

import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.message.StateEntry;
import dev.toolpost.worker.call.CallOutcome.Dropped;
import dev.toolpost.worker.call.CallOutcome.Failure;
import dev.toolpost.worker.call.CallOutcome.Recorded;
import dev.toolpost.worker.call.CallSignalled.Signal;
import dev.toolpost.worker.commit.Committer;
import dev.toolpost.worker.journal.Admission;
import dev.toolpost.worker.journal.Journal;
import dev.toolpost.worker.journal.Standing;
import dev.toolpost.worker.journal.StateLog;
import dev.toolpost.worker.journal.WriteIdentity;
import dev.toolpost.worker.request.CanonicalJson;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Lets a write through once: asks its shard's journal and turns what it says into an outcome. Thread-safe. */
final class WriteGate {

    private static final Duration ACCEPTED_CHECK = Duration.ofSeconds(1);
    private static final Duration RESTORE_CHECK = Duration.ofMillis(100);

    private final Committer committer;
    private final StateLog state;
    private final Function<StateEntry, ProducerRecord<byte[], byte[]>> encode;
    private volatile boolean ready;

    WriteGate(Committer committer, StateLog state, Function<StateEntry, ProducerRecord<byte[], byte[]>> encode) {
        this.committer = committer;
        this.state = state;
        this.encode = encode;
    }

    /** What the journal lets happen. */
    sealed interface Gate {
        /** The write may start. */
        record Open(StartedWrite write) implements Gate {}

        /** It may not, and this is its answer. */
        record Closed(CallOutcome outcome) implements Gate {}
    }

    /**
     * Makes sure that entries can be written, so that no write is stopped half-way for want of a schema.
     *
     * @throws dev.toolpost.schemas.RegistryUnavailableException where the registry cannot be asked now
     */
    boolean ready() {
        if (!ready) {
            ProducerRecord<byte[], byte[]> sample = encode.apply(StateEntry.newBuilder()
                    .setKind(Journal.KIND)
                    .setTenant("")
                    .setConnection("")
                    .setShard(0)
                    .setAt(0)
                    .build());
            ready = sample != null;
        }
        return true;
    }

    /** Waits for the journal to be restored and for the same write under way, then decides. */
    Gate pass(RunningCall run, Call call, ToolRef ref, Arguments arguments) throws InterruptedException, CallSignalled {
        Journal journal = run.shard().journal();
        WriteIdentity identity = new WriteIdentity(call.tenant(), call.connection(), call.writeId());
        String bodyHash = hash(ref, arguments);
        boolean repeatable = isRepeatable(ref.tool());
        run.waiting(() -> {
            run.shard().awaitJournal();
            return true;
        });
        if (call.progress().work() != null) {
            return new Gate.Open(goOn(run, identity, bodyHash));
        }
        while (true) {
            switch (journal.admit(identity, bodyHash, repeatable)) {
                case Admission.Admitted() -> {
                    return new Gate.Open(write(identity, bodyHash, !repeatable, run));
                }
                case Admission.Interrupted(int attempt) -> {
                    run.writes(write(identity, bodyHash, true, run).interrupted());
                    return new Gate.Closed(Errors.interrupted());
                }
                case Admission.Conflicting() -> {
                    return new Gate.Closed(Errors.conflict(call));
                }
                case Admission.Recorded(long place) -> {
                    return new Gate.Closed(recorded(run, identity, place));
                }
                case Admission.Accepted() -> {
                    // The call that waits for the work stands behind this one in the same partition, or comes there
                    // again.
                    run.waiting(() -> {
                        TimeUnit.NANOSECONDS.sleep(ACCEPTED_CHECK.toNanos());
                        return true;
                    });
                    throw new CallSignalled(Signal.HAND_OVER);
                }
                case Admission.UnderWay(var end) ->
                    run.waiting(() -> {
                        end.await();
                        return true;
                    });
            }
        }
    }

    private StartedWrite goOn(RunningCall run, WriteIdentity identity, String bodyHash)
            throws InterruptedException, CallSignalled {
        for (CountDownLatch end = run.shard().journal().goOn(identity);
                end != null;
                end = run.shard().journal().goOn(identity)) {
            CountDownLatch other = end;
            run.waiting(() -> {
                other.await();
                return true;
            });
        }
        return write(identity, bodyHash, true, run).goingOn();
    }

    /**
     * What to say of a write that fails before it came to {@link #pass} (deadline over, cancelled, connection gone). Where an earlier owner
     * of the shard had started it, or an earlier call with its id began it, the vendor may have acted on it: that nothing was done is said of
     * none of these.
     *
     * @param arguments null where the call has none that can be used
     */
    CallOutcome failedBefore(RunningCall run, Call call, ToolRef ref, @Nullable Arguments arguments, Failure failure)
            throws InterruptedException {
        boolean goesOn = call.progress().work() != null;
        Tool tool = ref.tool();
        if (isRepeatable(tool) && !goesOn && tool.operation() == null) {
            return failure;
        }
        while (!run.shard().isJournalReady(RESTORE_CHECK)) {
            if (!run.delivery().shard().mayCommit()) {
                return new Dropped();
            }
        }
        WriteIdentity identity = new WriteIdentity(call.tenant(), call.connection(), call.writeId());
        if (goesOn) {
            String hash = run.shard().journal().takeAccepted(identity);
            if (hash != null) {
                run.writes(write(identity, hash, true, run).goingOn());
            }
            return new Failure(failure.error().finalForThisCall());
        }
        Standing standing = run.shard().journal().standing(identity);
        String own = arguments == null ? null : hash(ref, arguments);
        boolean same = own == null || own.equals(standing.bodyHash());
        return switch (standing.phase()) {
            case NOT_STARTED -> failure;
            case STARTED -> isRepeatable(tool) ? failure : started(run, identity, same, failure);
            case ACCEPTED -> same ? Errors.goesOnElsewhere() : failure;
            case DONE -> own != null && same ? recorded(run, identity, standing.place()) : failure;
        };
    }

    private CallOutcome started(RunningCall run, WriteIdentity identity, boolean same, Failure failure) {
        String bodyHash = run.shard().journal().takeInterrupted(identity);
        if (bodyHash == null) {
            return same ? Errors.goesOnElsewhere() : failure;
        }
        run.writes(write(identity, bodyHash, true, run).interrupted());
        return Errors.interrupted();
    }

    private static boolean isRepeatable(Tool tool) {
        return tool.idempotent() || tool.idempotencyKeyHeader() != null;
    }

    private StartedWrite write(WriteIdentity identity, String bodyHash, boolean mustNotRepeat, RunningCall run) {
        return new StartedWrite(identity, bodyHash, mustNotRepeat, run, committer, encode);
    }

    private CallOutcome recorded(RunningCall run, WriteIdentity identity, long place) throws InterruptedException {
        StateEntry entry =
                place < 0 ? null : state.readBack(run.delivery().shard().number(), place);
        if (entry == null
                || !identity.id().equals(entry.getId())
                || entry.getReplies().isEmpty()) {
            return Errors.replyNotKept();
        }
        List<byte[]> frames = new ArrayList<>();
        for (ByteBuffer frame : entry.getReplies()) {
            byte[] bytes = new byte[frame.remaining()];
            frame.duplicate().get(bytes);
            frames.add(bytes);
        }
        return new Recorded(frames);
    }

    /** Of tool and arguments, whatever the order of members, the spelling of numbers, and whether defaults are spelt out. */
    private static String hash(ToolRef ref, Arguments arguments) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ref.tool().name().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(CanonicalJson.hash(ref.defaults().leaveOut(arguments.values())));
            return HexFormat.of().formatHex(digest.digest(), 0, 16);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
