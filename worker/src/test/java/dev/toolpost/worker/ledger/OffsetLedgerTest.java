package dev.toolpost.worker.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Row 4 of the faults, on the ledger alone: calls finish out of order and workers crash. */
class OffsetLedgerTest {

    @Test
    void theCommitStandsAtTheOldestUnfinishedRecord() {
        OffsetLedger ledger = new OffsetLedger(10, new BitSet());
        deliver(ledger, 10, 11, 12, 13);

        ledger.finish(13);
        ledger.finish(11);

        assertThat(ledger.snapshot()).isEqualTo(new OffsetLedger.Snapshot(10, bits(1, 3)));
        assertThat(ledger.behind()).isFalse();
        assertThat(ledger.unfinished()).isEqualTo(2);
        assertThat(ledger.prefix(9)).containsExactly(10, 12);
    }

    @Test
    void withNothingUnfinishedItStandsAtTheConsumersPosition() {
        OffsetLedger ledger = new OffsetLedger(10, new BitSet());
        deliver(ledger, 10, 11);
        ledger.finish(10);
        ledger.finish(11);
        ledger.advance(15);

        assertThat(ledger.snapshot()).isEqualTo(new OffsetLedger.Snapshot(15, new BitSet()));
        assertThat(ledger.behind()).isTrue();

        ledger.trim(15);
        assertThat(ledger.behind()).isFalse();
    }

    @Test
    void offsetsThatNobodySeesDoNotHoldTheCommitBack() {
        OffsetLedger ledger = new OffsetLedger(0, new BitSet());
        deliver(ledger, 3, 7, 20);
        ledger.finish(3);

        assertThat(ledger.snapshot().offset()).isEqualTo(7);
    }

    @Test
    void aRecordThatTheOwnerBeforeFinishedIsNotExecuted() {
        OffsetLedger ledger = new OffsetLedger(100, bits(1, 2, 4));

        assertThat(ledger.deliver(100)).isTrue();
        assertThat(ledger.deliver(101)).isFalse();
        assertThat(ledger.deliver(102)).isFalse();
        assertThat(ledger.deliver(103)).isTrue();
        assertThat(ledger.deliver(104)).isFalse();
        assertThat(ledger.deliver(105)).isTrue();
        assertThat(ledger.snapshot()).isEqualTo(new OffsetLedger.Snapshot(100, bits(1, 2, 4)));

        ledger.finish(100);
        assertThat(ledger.snapshot()).isEqualTo(new OffsetLedger.Snapshot(103, bits(1)));
    }

    @Test
    void whatTheOwnerBeforeFinishedIsPassedOnBeforeItIsRead() {
        OffsetLedger ledger = new OffsetLedger(100, bits(1, 2, 4));
        assertThat(ledger.snapshot()).isEqualTo(new OffsetLedger.Snapshot(100, bits(1, 2, 4)));

        assertThat(ledger.deliver(100)).isTrue();
        assertThat(ledger.deliver(101)).isFalse();
        ledger.finish(100);

        assertThat(ledger.snapshot()).isEqualTo(new OffsetLedger.Snapshot(102, bits(0, 2)));
    }

    @Test
    void whatIsReopenedHoldsTheCommitBackAgain() {
        OffsetLedger ledger = new OffsetLedger(0, new BitSet());
        deliver(ledger, 0, 1);
        ledger.finish(0);
        ledger.reopen(0);

        assertThat(ledger.snapshot().offset()).isZero();
    }

    @Test
    void aRecordDeliveredAgainIsABug() {
        OffsetLedger ledger = new OffsetLedger(0, new BitSet());
        deliver(ledger, 0, 1);

        assertThatThrownBy(() -> ledger.deliver(1)).hasMessageContaining("offset 1 delivered again");
    }

    @Test
    void overRandomCrashesNoCommitPassesAnUnfinishedRecordAndNoneThatWasCommittedIsExecutedAgain() {
        for (int seed = 0; seed < 400; seed++) {
            new Walk(seed).run();
        }
    }

    /** One partition with gaps and a line of owners, each of which crashes at some point. */
    private static final class Walk {
        private final int seed;
        private final Random random;
        private final List<Long> log = new ArrayList<>();
        private final long end;
        private final Set<Long> executed = new HashSet<>();
        private final Set<Long> durable = new HashSet<>();
        private long committedOffset;
        private String committedMetadata = "";

        Walk(int seed) {
            this.seed = seed;
            this.random = new Random(seed);
            long offset = random.nextInt(1_000);
            committedOffset = offset;
            int records = 1 + random.nextInt(400);
            for (int i = 0; i < records; i++) {
                offset += random.nextInt(10) == 0 ? 1 + random.nextInt(30) : 0;
                log.add(offset++);
            }
            end = offset + random.nextInt(3);
        }

        void run() {
            int owners = 0;
            while (committedOffset < end) {
                own(++owners < 20 ? random.nextInt(600) : Integer.MAX_VALUE);
            }
            assertThat(executed).as("seed %d: none lost", seed).containsAll(log);
        }

        private void own(int steps) {
            LedgerMetadata before = LedgerMetadata.parse(committedMetadata);
            OffsetLedger ledger = new OffsetLedger(committedOffset, before == null ? new BitSet() : before.finished());
            List<Long> unread = new ArrayList<>(
                    log.stream().filter(offset -> offset >= committedOffset).toList());
            List<Long> underWay = new ArrayList<>();
            for (int step = 0; step < steps && committedOffset < end; step++) {
                switch (random.nextInt(5)) {
                    case 0, 1 -> read(ledger, unread, underWay);
                    case 2, 3 -> finishOne(ledger, underWay);
                    default -> commit(ledger);
                }
            }
        }

        private void read(OffsetLedger ledger, List<Long> unread, List<Long> underWay) {
            if (unread.isEmpty()) {
                ledger.advance(end);
                return;
            }
            long offset = unread.removeFirst();
            if (ledger.deliver(offset)) {
                assertThat(durable.contains(offset))
                        .as("seed %d: %d executed again", seed, offset)
                        .isFalse();
                underWay.add(offset);
            }
        }

        private void finishOne(OffsetLedger ledger, List<Long> underWay) {
            if (underWay.isEmpty()) {
                return;
            }
            long offset = underWay.remove(random.nextInt(underWay.size()));
            executed.add(offset);
            ledger.finish(offset);
        }

        private void commit(OffsetLedger ledger) {
            OffsetLedger.Snapshot snapshot = ledger.snapshot();
            if (random.nextInt(10) == 0) {
                return;
            }
            committedOffset = snapshot.offset();
            committedMetadata = new LedgerMetadata("owner", false, snapshot.finished()).encode();
            ledger.trim(snapshot.offset());
            for (long offset : log) {
                long relative = offset - committedOffset;
                if (relative < 0 || snapshot.finished().get((int) relative)) {
                    durable.add(offset);
                }
            }
            assertThat(executed.containsAll(durable))
                    .as("seed %d: %s passes unfinished records", seed, snapshot)
                    .isTrue();
        }
    }

    private static void deliver(OffsetLedger ledger, long... offsets) {
        for (long offset : offsets) {
            assertThat(ledger.deliver(offset)).isTrue();
        }
    }

    private static BitSet bits(int... set) {
        BitSet bits = new BitSet();
        for (int each : set) {
            bits.set(each);
        }
        return bits;
    }
}
