package dev.toolpost.worker.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolCall;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.call.CallSignalled.Signal;
import dev.toolpost.worker.intake.Delivery;
import dev.toolpost.worker.ledger.OffsetLedger;
import dev.toolpost.worker.memory.HeapPart;
import dev.toolpost.worker.ownership.Inheritance;
import dev.toolpost.worker.ownership.Shard;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Calls that wait without a thread. */
class ParkingTest {

    private static final TopicPartition RESUME = new TopicPartition("resume", 0);

    private long now = 1_000_000;
    private int room = 100;
    private final List<Long> started = new ArrayList<>();
    private final List<Parked> again = new ArrayList<>();
    private final InstantSource clock = () -> Instant.ofEpochMilli(now);
    private final Parking parking = new Parking(3, new HeapPart(1 << 20), clock, new Parking.Runs() {
        @Override
        public int roomAgain() {
            return room;
        }

        @Override
        public void startAgain(Parked call) {
            started.add(call.delivery().offset());
            again.add(call);
        }
    });
    private final ShardCalls shard = OwnedShard.of(
            new Shard(
                    "hubspot", 0, "a", new Inheritance.Untouched(), Map.of(RESUME, new OffsetLedger(0, new BitSet()))),
            2);

    @Test
    void callsGoOnWhenTheirTimeHasComeTheEarliestFirst() {
        park(1, now + 300, null);
        park(2, now + 100, null);
        park(3, now + 200, null);

        assertThat(parking.startDue()).isZero();
        now += 200;
        assertThat(parking.startDue()).isEqualTo(2);
        now += 1_000_000;
        parking.startDue();
        assertThat(started).containsExactly(2L, 3L, 1L);
        assertThat(parking.size()).isZero();
        assertThat(parking.bytes()).isZero();
    }

    @Test
    void noMoreGoOnThanThereIsRoomFor() {
        park(1, now, null);
        park(2, now, null);
        room = 1;

        assertThat(parking.startDue()).isEqualTo(1);
        room = 0;
        assertThat(parking.startDue()).isZero();
        room = 10;
        assertThat(parking.startDue()).isEqualTo(1);
        assertThat(started).containsExactly(1L, 2L);
    }

    @Test
    void oneThatIsWokenGoesOnBeforeItsTimeAndOnce() {
        Parked call = park(1, now + 60_000, null);

        assertThat(call.wake()).isTrue();
        assertThat(call.wake()).isFalse();
        parking.startDue();
        assertThat(call.wake()).isFalse();
        now += 120_000;
        parking.startDue();
        assertThat(started).containsExactly(1L);
    }

    @Test
    void oneThatWasTakenAwayDoesNotGoOn() {
        Parked call = park(1, now, null);
        parking.remove(call);
        parking.remove(call);

        assertThat(parking.startDue()).isZero();
        assertThat(call.wake()).isFalse();
        assertThat(parking.size()).isZero();
    }

    @Test
    void itIsFullInNumberAndInBytes() {
        park(1, now, null);
        park(2, now, null);
        assertThat(parking.isFull()).isFalse();
        park(3, now, null);
        assertThat(parking.isFull()).isTrue();
        parking.startDue();

        Parking small = new Parking(1_000, new HeapPart(900), clock, new NoRuns());
        small.park(parked(small, 4, now, null));
        assertThat(small.isFull()).isTrue();
    }

    @Test
    void aPoolThatHasLittleThereIsNotFullBecauseOfTheOthers() {
        HeapPart memory = new HeapPart(1 << 20);
        Parking calm = new Parking(1_000, memory, clock, new NoRuns());
        calm.park(parked(calm, 4, now, null));
        memory.hold(1 << 20);

        assertThat(calm.isFull()).isFalse();
    }

    @Test
    void theFreshRunGoesOnFromWhereTheCallHadCome() {
        RunningCall before = run(7);
        before.nextAttempt();
        before.spentAtVendor(5_000_000);
        Parked call = new Parked(parking, before, new CallOutcome.Waits(now + 60_000, now + 60_000, null, null), now);
        now += 40_000;
        RunningCall after = new RunningCall(call);
        Call went = after.identify(after.goesOn(atWork(call(7), now - 1), now));

        assertThat(after.attempts()).isEqualTo(1);
        assertThat(after.vendorMillis()).isEqualTo(5);
        assertThat(after.waitedMillis()).isEqualTo(40_000);
        assertThat(went.progress().work()).isEqualTo(new Work(Map.of("job", "j"), call.dueAtMillis()));
    }

    @Test
    void oneThatIsToLeaveGoesOnAtOnceAndHearsIt() {
        park(1, now + 60_000, null).handOver();
        parking.startDue();

        RunningCall after = new RunningCall(again.getFirst());
        assertThat(after.signalled()).isNull();
        after.identify(call(1));
        assertThat(after.signalled()).isEqualTo(Signal.HAND_OVER);
    }

    @Test
    void aCancelReachesOneThatWaits() {
        Parked call = park(1, now + 60_000, null);
        shard.cancel(call.cancelKey(), now + 100_000, now);

        assertThat(parking.startDue()).isEqualTo(1);
        assertThat(shard.registerForCancel(new RunningCall(call), call.cancelKey()))
                .isTrue();
    }

    @Test
    void aPlaceThatIsLeftGoesToTheFirstInLineThatStillWaits() {
        Places places = new Places(1);
        assertThat(places.tryTake()).isTrue();
        Parked gone = park(1, now + 60_000, places);
        Parked first = park(2, now + 60_000, places);
        Parked second = park(3, now + 60_000, places);
        for (Parked each : List.of(gone, first, second)) {
            places.standInLine(each);
        }
        parking.remove(gone);
        assertThat(parking.startDue()).isZero();

        places.leave();
        assertThat(places.tryTake()).as("whoever comes now stands behind them").isFalse();
        parking.startDue();
        assertThat(started).containsExactly(2L);
        RunningCall run = new RunningCall(again.getFirst());
        assertThat(run.hasPlace()).isTrue();
        assertThat(places.isUnused()).isFalse();

        run.leavePlace();
        parking.startDue();
        new RunningCall(again.getLast()).leavePlace();
        assertThat(started).containsExactly(2L, 3L);
        assertThat(places.isUnused()).isTrue();
    }

    @Test
    void oneThatComesToTheLineWhenThereIsAPlaceGetsIt() {
        Places places = new Places(1);
        Parked call = park(1, now + 60_000, places);
        places.standInLine(call);
        parking.startDue();

        assertThat(call.place()).isSameAs(places);
    }

    private Parked park(long offset, long until, Places line) {
        Parked call = parked(parking, offset, until, line);
        shard.add(call);
        parking.park(call);
        return call;
    }

    private Parked parked(Parking where, long offset, long until, Places line) {
        return new Parked(where, run(offset), new CallOutcome.Waits(until, until, line, null), now);
    }

    private RunningCall run(long offset) {
        RunningCall run = new RunningCall(
                new Delivery(shard.shard(), RESUME, new ConsumerRecord<>("resume", 0, offset, null, new byte[300])),
                shard);
        run.identify(call(offset));
        return run;
    }

    private Call call(long offset) {
        ToolCall message = ToolCall.newBuilder()
                .setTool("forge_export")
                .setConnection("crm")
                .setArguments("{}")
                .build();
        return new Call(
                "call-" + offset,
                message,
                Format.JSON,
                Lane.INTERACTIVE,
                "acme",
                "crm",
                new Call.Origin("calls", 0, offset),
                0,
                0,
                0,
                0,
                0,
                Progress.NONE,
                List.of(),
                null);
    }

    private static Call atWork(Call call, long dueAt) {
        return new Call(
                call.id(),
                call.message(),
                call.format(),
                call.lane(),
                call.tenant(),
                call.connection(),
                call.origin(),
                call.appendedAt(),
                call.deadline(),
                call.hops(),
                call.attempts(),
                call.waitedMillis(),
                call.progress().withWork(new Work(Map.of("job", "j"), dueAt)),
                call.replyHeaders(),
                null);
    }

    private static final class NoRuns implements Parking.Runs {
        @Override
        public int roomAgain() {
            return 0;
        }

        @Override
        public void startAgain(Parked call) {
            throw new AssertionError("not asked for");
        }
    }
}
