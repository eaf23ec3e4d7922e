package dev.toolpost.worker.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.Limit;
import dev.toolpost.message.StateEntry;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.journal.Journal;
import dev.toolpost.worker.ledger.LedgerMetadata;
import dev.toolpost.worker.ledger.OffsetLedger;
import dev.toolpost.worker.ownership.Inheritance;
import dev.toolpost.worker.ownership.Shard;
import dev.toolpost.worker.ratelimit.Acquisition;
import java.time.Duration;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ShardCallsTest {

    private static final TopicPartition CALLS = new TopicPartition("calls", 0);
    private static final long DAYS = TimeUnit.DAYS.toNanos(2);
    private static final List<Limit> LIMITS = ConnectorCatalogue.bundled()
            .byTool("hubspot_list_contacts")
            .connector()
            .limits();
    private static final String TOOL = "list_contacts";

    private long nanos = 1_000_000_000_000L;

    @Test
    void aPartitionIsPausedOnlyWhenItsCommitMetadataIsNearlyFull() {
        ShardCalls calls = owning("a", new Inheritance.Untouched(), null);

        calls.metadataLength(CALLS, LedgerMetadata.BUDGET / 2);
        assertThat(calls.isCrowded(CALLS)).isFalse();
        calls.metadataLength(CALLS, LedgerMetadata.BUDGET * 9 / 10);
        assertThat(calls.isCrowded(CALLS)).isTrue();
        calls.metadataLength(CALLS, LedgerMetadata.BUDGET / 2);
        assertThat(calls.isCrowded(CALLS)).isFalse();
    }

    @Test
    void bucketStatesThatWereNotReadYetAreNotPassedOnAsIfThereWereNone() {
        ShardCalls calls = owning("b", new Inheritance.HandedBack("a"), null);

        assertThat(calls.bucketStates(0, DAYS)).isEmpty();
        calls.restored();
        assertThat(calls.bucketStates(0, DAYS))
                .hasValueSatisfying(states -> assertThat(states).isEmpty());
    }

    @Test
    void bucketStatesThatWereNotReadYetAreNotKeptAsIfThereWereNone() {
        ShardCalls calls = owning("b", new Inheritance.HandedBack("a"), null);

        assertThat(calls.keep()).isEmpty();
        calls.restored();
        assertThat(calls.keep()).isPresent();
    }

    @Test
    void spentPermitsReachTheNextOwnerButOneThroughAnOwnerThatNeverUsedThem() throws InterruptedException {
        ShardCalls first = owning("a", new Inheritance.Untouched(), null);
        int all = spendAll(first);
        ShardCalls second = owning("b", new Inheritance.HandedBack("a"), null);
        handOver(first, second);
        ShardCalls third = owning("c", new Inheritance.HandedBack("b"), null);
        handOver(second, third);

        assertThat(all).isPositive();
        assertThat(spendAll(third)).isZero();
        nanos += Duration.ofSeconds(12).toNanos();
        assertThat(spendAll(third)).isEqualTo(all);
    }

    @Test
    void afterACrashTheWindowsCountAsFullForTheNextOwnersToo() throws InterruptedException {
        ShardCalls second = owning("b", new Inheritance.Abandoned("a"), null);
        second.restored();
        nanos += Duration.ofSeconds(2).toNanos();
        ShardCalls third = owning("c", new Inheritance.HandedBack("b"), null);
        handOver(second, third);

        assertThat(spendAll(third)).isZero();
        nanos += Duration.ofSeconds(12).toNanos();
        assertThat(spendAll(third)).isPositive();
    }

    @Test
    void keptBucketsOutliveOwnershipsThatDidNotUseThem() throws InterruptedException {
        ShardCalls first = owning("a", new Inheritance.Untouched(), null);
        int all = spendAll(first);
        ShardCalls second =
                owning("b", new Inheritance.Abandoned("a"), first.keep().orElseThrow());
        ShardCalls third =
                owning("c", new Inheritance.Abandoned("b"), second.keep().orElseThrow());

        assertThat(spendAll(third)).isZero();
        nanos += Duration.ofSeconds(12).toNanos();
        assertThat(spendAll(third)).isEqualTo(all);
    }

    @Test
    void aKeptBucketWhoseLimitsChangedCountsAsFull() throws InterruptedException {
        ShardCalls first = owning("a", new Inheritance.Untouched(), null);
        spendAll(first);
        ShardCalls second =
                owning("b", new Inheritance.Abandoned("a"), first.keep().orElseThrow());
        List<Limit> changed =
                LIMITS.stream().map(limit -> limit.with(500, null)).toList();

        assertThat(second.slot("acme/crm", "hubspot", changed).limiter().acquire(TOOL, Lane.INTERACTIVE, nanos + 1_000))
                .isInstanceOf(Acquisition.TooLate.class);
    }

    private ShardCalls owning(String token, Inheritance inheritance, KeptBuckets kept) {
        Shard shard = new Shard("hubspot", 0, token, inheritance, Map.of(CALLS, new OffsetLedger(0, new BitSet())));
        return new ShardCalls(
                shard, new Journal(0, InstantSource.system()), () -> nanos, InstantSource.system(), 10, kept);
    }

    private void handOver(ShardCalls from, ShardCalls to) {
        for (StateEntry state : from.bucketStates(0, DAYS).orElseThrow()) {
            to.restore(state, 0);
        }
        to.restored();
    }

    /** Takes every permit that is there now. */
    private int spendAll(ShardCalls calls) throws InterruptedException {
        int count = 0;
        while (calls.slot("acme/crm", "hubspot", LIMITS).limiter().acquire(TOOL, Lane.INTERACTIVE, nanos + 1_000)
                instanceof Acquisition.Granted granted) {
            granted.permits().finished();
            count++;
        }
        return count;
    }
}
