package dev.toolpost.worker.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ConnectorSource;
import dev.toolpost.connectors.Limit;
import dev.toolpost.message.StateEntry;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.journal.Journal;
import dev.toolpost.worker.ledger.LedgerMetadata;
import dev.toolpost.worker.ledger.OffsetLedger;
import dev.toolpost.worker.ownership.Inheritance;
import dev.toolpost.worker.ownership.Shard;
import dev.toolpost.worker.ratelimit.Acquisition;
import dev.toolpost.worker.ratelimit.ConnectionLimiter;
import dev.toolpost.worker.ratelimit.LimitNews;
import dev.toolpost.worker.ratelimit.TenantWeights;
import dev.toolpost.worker.ratelimit.Ticket;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ShardCallsTest {

    private static final TopicPartition CALLS = new TopicPartition("calls", 0);
    private static final long DAYS = TimeUnit.DAYS.toNanos(2);
    private static final Connector CONNECTOR =
            ConnectorCatalogue.bundled().byTool("hubspot_list_contacts").connector();
    private static final KnownConnection CONNECTION = connection(1, Map.of());
    private static final KnownConnection OPEN = new KnownConnection(
            new StoredConnection(ConnectionRecord.of("acme", "open", "openmeteo", "none"), Secret.none(), 1),
            ConnectorCatalogue.bundled().byTool("openmeteo_geocode").connector());
    private static final String TOOL = "list_contacts";

    private final List<StateEntry> logged = new ArrayList<>();
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
    void whatWasSpentOfWhatAllConnectionsShareGoesWithTheShard() throws InterruptedException {
        ShardCalls first = owning("a", new Inheritance.Untouched(), null);
        first.restored();
        int all = spendAll(first, OPEN, "open");
        ShardCalls second = owning("b", new Inheritance.HandedBack("a"), null);
        handOver(first, second);

        assertThat(all).isEqualTo(600);
        assertThat(spendAll(second, OPEN, "open")).isZero();
        nanos += Duration.ofSeconds(70).toNanos();
        assertThat(spendAll(second, OPEN, "open"))
                .as("the minute is over, the hour is not")
                .isEqualTo(all);
    }

    @Test
    void whatAKilledWorkerSpentOfHoursThatAllConnectionsShareCountsForItsSuccessor() throws InterruptedException {
        ShardCalls first = owning("a", new Inheritance.Untouched(), null);
        first.restored();
        int spent = spendMinutes(first, 3);
        ShardCalls second = owning("b", new Inheritance.Abandoned("a"), null);
        logged.forEach(entry -> second.restore(entry, 0));
        second.restored();
        nanos += Duration.ofSeconds(70).toNanos();
        spent += spendMinutes(second, 3);
        List<StateEntry> handedOver =
                second.bucketStates(InstantSource.system().millis(), DAYS).orElseThrow();
        ShardCalls third = owning("c", new Inheritance.HandedBack("b"), null);
        handedOver.forEach(entry -> third.restore(entry, 0));
        third.restored();
        spent += spendMinutes(third, 6);

        assertThat(spent)
                .as("of 5,000 in an hour, with a chunk and a half that the kill may cost")
                .isBetween(5_000 - 75, 5_000);
    }

    private int spendMinutes(ShardCalls calls, int minutes) throws InterruptedException {
        int spent = 0;
        for (int minute = 0; minute < minutes; minute++) {
            spent += spendAll(calls, OPEN, "open");
            nanos += Duration.ofSeconds(62).toNanos();
        }
        return spent;
    }

    @Test
    void aShardThatIsHandedBackUnusedBringsItsPartAtOnce() throws InterruptedException {
        ShardCalls first = owning("a", new Inheritance.Untouched(), null);
        first.restored();
        ShardCalls second = owning("b", new Inheritance.HandedBack("a"), null);
        handOver(first, second);

        assertThat(spendAll(second, OPEN, "open")).isEqualTo(600);
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
    void aLimitThatChangesGoesOnFromWhatWasSpentAndWhoeverWaitsIsMoved() throws InterruptedException {
        ShardCalls calls = owning("a", new Inheritance.Untouched(), null);
        int all = spendAll(calls);
        ConnectionLimiter before = calls.slot("acme/crm", CONNECTION).limiter();
        Ticket waiting = before.enter(TOOL, null, Lane.INTERACTIVE, Long.MAX_VALUE);
        KnownConnection raised = connection(2, permitsOfAll(all + 50));

        assertThat(spendAll(calls, raised)).isEqualTo(50);
        assertThat(waiting.outcome()).isInstanceOf(Acquisition.Moved.class);
        assertThat(before.acquire(TOOL, Lane.INTERACTIVE, Long.MAX_VALUE)).isInstanceOf(Acquisition.Moved.class);
    }

    @Test
    void aConnectionWhoseLimiterWasRetiredWithItsVendorsAllowanceGetsAnother() throws InterruptedException {
        ShardCalls calls = owning("a", new Inheritance.Untouched(), null);
        int all = spendAll(calls);
        calls.slot("acme/crm", CONNECTION).limiter().retire();

        assertThat(spendAll(calls)).isZero();
        nanos += Duration.ofSeconds(12).toNanos();
        assertThat(spendAll(calls)).isEqualTo(all);
    }

    @Test
    void callsThatGoByAnOlderRecordDoNotBringItsLimitsBack() throws InterruptedException {
        ShardCalls calls = owning("a", new Inheritance.Untouched(), null);
        ConnectionLimiter newest =
                calls.slot("acme/crm", connection(2, permitsOfAll(50))).limiter();

        assertThat(calls.slot("acme/crm", CONNECTION).limiter()).isSameAs(newest);
        assertThat(spendAll(calls)).isEqualTo(50);
    }

    @Test
    void whatWasLoggedOfALongWindowCountsAfterACrash() throws InterruptedException {
        KnownConnection daily = connection(
                1,
                CONNECTOR.limits().stream()
                        .filter(limit -> limit.window() != null)
                        .collect(Collectors.toMap(Limit::name, limit -> new LimitOverride(200, Duration.ofDays(1)))));
        ShardCalls first = owning("a", new Inheritance.Untouched(), null);
        int all = spendAll(first, daily);
        ShardCalls second = owning("b", new Inheritance.Abandoned("a"), null);
        logged.forEach(entry -> second.restore(entry, 0));
        second.restored();
        nanos += Duration.ofHours(1).toNanos();

        assertThat(all).isEqualTo(200);
        assertThat(spendAll(second, daily)).isZero();
        nanos += Duration.ofDays(1).plusMinutes(5).toNanos();
        assertThat(spendAll(second, daily)).isEqualTo(all);
    }

    private ShardCalls owning(String token, Inheritance inheritance, KeptBuckets kept) {
        Shard shard = new Shard("hubspot", 0, token, inheritance, Map.of(CALLS, new OffsetLedger(0, new BitSet())));
        var holder = new ShardCalls[1];
        Limiters limiters = new Limiters(
                ConnectorSource.fixed(ConnectorCatalogue.bundled()),
                TenantWeights.EQUAL,
                SharedPermitsSource.NONE,
                (number, vendor, snapshot, durable) -> holder[0].logQuota(vendor, snapshot, durable),
                LimitNews.UNHEARD,
                () -> nanos,
                InstantSource.system());
        limiters.allowances().own(shards(1), 1, shards(inheritance instanceof Inheritance.Untouched ? 1 : 0));
        holder[0] = new ShardCalls(
                shard,
                new Journal(0, InstantSource.system()),
                () -> nanos,
                InstantSource.system(),
                10,
                limiters,
                (of, entry, durable) -> {
                    logged.add(entry);
                    durable.accept(true);
                },
                kept);
        return holder[0];
    }

    private static KnownConnection connection(long version, Map<String, LimitOverride> limits) {
        ConnectionRecord record =
                new ConnectionRecord("acme", "crm", "hubspot", "bearer", Map.of(), limits, Set.of(), Map.of());
        return new KnownConnection(new StoredConnection(record, Secret.none(), version), CONNECTOR);
    }

    private static Map<String, LimitOverride> permitsOfAll(int permits) {
        return CONNECTOR.limits().stream()
                .collect(Collectors.toMap(Limit::name, limit -> new LimitOverride(permits, null)));
    }

    private void handOver(ShardCalls from, ShardCalls to) {
        for (StateEntry state : from.bucketStates(0, DAYS).orElseThrow()) {
            to.restore(state, 0);
        }
        to.restored();
    }

    /** Takes every permit that is there now. */
    private int spendAll(ShardCalls calls) throws InterruptedException {
        return spendAll(calls, CONNECTION);
    }

    private int spendAll(ShardCalls calls, KnownConnection connection) throws InterruptedException {
        return spendAll(calls, connection, "crm");
    }

    private int spendAll(ShardCalls calls, KnownConnection connection, String name) throws InterruptedException {
        int count = 0;
        while (calls.slot("acme/" + name, connection).limiter().acquire(TOOL, Lane.INTERACTIVE, nanos + 1_000)
                instanceof Acquisition.Granted granted) {
            granted.permits().finished();
            count++;
        }
        return count;
    }

    private static BitSet shards(int count) {
        BitSet shards = new BitSet();
        shards.set(0, count);
        return shards;
    }
}
