package dev.toolpost.worker.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.StateEntry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class JournalTest {

    private static final WriteIdentity WRITE = new WriteIdentity("acme", "crm", "call-1");
    private static final String BODY = "hash-1";
    private static final long NOW = 1_795_000_000_000L;

    private final Journal journal = new Journal(3, InstantSource.fixed(Instant.ofEpochMilli(NOW)));

    @Test
    void aWriteThatNobodyStartedMayStart() {
        assertThat(admit(false)).isEqualTo(new Admission.Admitted());
    }

    @Test
    void theSameWriteUnderWayIsWaitedFor() {
        admit(false);

        assertThat(admit(false)).isInstanceOfSatisfying(Admission.UnderWay.class, other -> {
            assertThat(other.end().getCount()).isEqualTo(1);
            journal.leave(WRITE);
            assertThat(other.end().getCount()).isZero();
        });
        assertThat(admit(false)).isEqualTo(new Admission.Admitted());
    }

    @Test
    void aStartWithoutASuccessorIsInterrupted() {
        journal.restore(journal.started(WRITE, BODY, 2), 7);

        assertThat(admit(false)).isEqualTo(new Admission.Interrupted(2));
    }

    @Test
    void anInterruptedWriteIsTakenOverOnceWhateverItsBody() {
        assertThat(journal.takeInterrupted(WRITE)).isNull();
        journal.restore(journal.started(WRITE, BODY, 2), 7);

        assertThat(journal.takeInterrupted(WRITE)).isEqualTo(BODY);
        assertThat(journal.takeInterrupted(WRITE)).as("under way").isNull();
        journal.committed(journal.done(WRITE, BODY, 2, "OUTCOME_UNKNOWN", List.of()), 8);
        journal.leave(WRITE);
        assertThat(journal.takeInterrupted(WRITE)).as("answered").isNull();
    }

    @Test
    void aStartThatTheVendorMayTakeAgainIsNotInTheWay() {
        journal.restore(journal.started(WRITE, BODY, 1), 7);

        assertThat(admit(true)).isEqualTo(new Admission.Admitted());
    }

    @Test
    void aStartThatProvablyDidNothingMayStartAgain() {
        journal.restore(journal.started(WRITE, BODY, 1), 7);
        journal.restore(journal.notProcessed(WRITE, BODY, 1), 8);

        assertThat(admit(false)).isEqualTo(new Admission.Admitted());
    }

    @Test
    void anAnsweredWriteGivesThePlaceOfItsReply() {
        journal.restore(journal.started(WRITE, BODY, 1), 7);
        journal.committed(journal.done(WRITE, BODY, 1, null, List.of()), 9);

        assertThat(admit(false)).isEqualTo(new Admission.Recorded(9));
        assertThat(admit(true)).isEqualTo(new Admission.Recorded(9));
    }

    @Test
    void anotherBodyIsAConflictWhateverBecameOfTheFirst() {
        journal.restore(journal.started(WRITE, "hash-0", 1), 7);
        assertThat(admit(false)).isEqualTo(new Admission.Conflicting());

        journal.restore(journal.done(WRITE, "hash-0", 1, null, List.of()), 8);
        assertThat(admit(false)).isEqualTo(new Admission.Conflicting());
    }

    @Test
    void anotherConnectionsSameIdIsAnotherWrite() {
        journal.restore(journal.started(WRITE, BODY, 1), 7);

        assertThat(journal.admit(new WriteIdentity("acme", "other", "call-1"), BODY, false))
                .isEqualTo(new Admission.Admitted());
        assertThat(journal.admit(new WriteIdentity("umbrella", "crm", "call-1"), BODY, false))
                .isEqualTo(new Admission.Admitted());
    }

    @Test
    void entriesSayWhoseTheyAreAndCarryTheReply() {
        StateEntry done = journal.done(WRITE, BODY, 2, "CONFLICT", List.of("frame".getBytes(StandardCharsets.UTF_8)));

        assertThat(done.getKind()).isEqualTo(Journal.KIND);
        assertThat(done.getShard()).isEqualTo(3);
        assertThat(done.getAt()).isEqualTo(NOW);
        assertThat(done.getPhase()).isEqualTo(Journal.DONE);
        assertThat(done.getAttempt()).isEqualTo(2);
        assertThat(done.getCode()).isEqualTo("CONFLICT");
        assertThat(StandardCharsets.UTF_8.decode(done.getReplies().getFirst()).toString())
                .isEqualTo("frame");
    }

    @Test
    void oldEntriesAreForgotten() {
        journal.restore(journal.started(WRITE, BODY, 1), 7);

        journal.forgetBefore(NOW);
        assertThat(journal.size()).isEqualTo(1);
        journal.forgetBefore(NOW + 1);
        assertThat(journal.size()).isZero();
    }

    private Admission admit(boolean repeatable) {
        return journal.admit(WRITE, BODY, repeatable);
    }
}
