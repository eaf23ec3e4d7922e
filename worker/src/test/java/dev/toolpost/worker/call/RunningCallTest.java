package dev.toolpost.worker.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.message.ToolCall;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.call.CallSignalled.Signal;
import dev.toolpost.worker.intake.Delivery;
import dev.toolpost.worker.ledger.OffsetLedger;
import dev.toolpost.worker.ownership.Inheritance;
import dev.toolpost.worker.ownership.Shard;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RunningCallTest {

    private static final TopicPartition CALLS = new TopicPartition("calls", 0);

    private final RunningCall run = run();

    @Test
    void aRecordThatWasNotReadYetIsNotHandedOver() throws Exception {
        run.signal(Signal.HAND_OVER);
        assertThat(run.waiting(() -> "waited")).isEqualTo("waited");

        run.identify(call());
        run.signal(Signal.HAND_OVER);
        assertThatThrownBy(() -> run.waiting(() -> "waited"))
                .isInstanceOfSatisfying(
                        CallSignalled.class,
                        signalled -> assertThat(signalled.signal()).isEqualTo(Signal.HAND_OVER));
    }

    @Test
    void aRecordThatWasNotReadYetIsDropped() {
        run.signal(Signal.DROP);

        assertThatThrownBy(() -> run.waiting(() -> "waited")).isInstanceOf(CallSignalled.class);
    }

    @Test
    void aSignalAfterTheOutcomeComesTooLateAndSaysSo() {
        run.identify(call());
        assertThat(run.signal(Signal.HAND_OVER)).isTrue();
        assertThat(run.signal(Signal.CANCEL)).isTrue();
        run.decided();

        assertThat(run.signal(Signal.CANCEL)).isFalse();
    }

    @Test
    void aCancelThatComesWhileATurnIsBeingCommittedEndsTheNextTurn() {
        ShardCalls shard = run.shard();
        run.identify(call());
        String key = run.settledCall().cancelKey();
        shard.add(run);
        assertThat(shard.registerForCancel(run, key)).isFalse();
        run.decided();

        shard.cancel(key, 1_000, 0);
        shard.remove(run);

        RunningCall next = new RunningCall(run.delivery(), shard);
        next.identify(call());
        assertThat(shard.registerForCancel(next, key)).isTrue();
    }

    @Test
    void aCallShowsNothingOfItsArgumentsInALog() {
        assertThat(call()).asString().contains("call-1", "acme/crm").doesNotContain("secret");
    }

    private static Call call() {
        ToolCall message = ToolCall.newBuilder()
                .setTool("hubspot_list_contacts")
                .setConnection("crm")
                .setArguments("{\"note\":\"secret\"}")
                .build();
        return new Call(
                "call-1",
                message,
                Format.JSON,
                Lane.INTERACTIVE,
                "acme",
                "crm",
                new Call.Origin("calls", 0, 7),
                0,
                0,
                0,
                0,
                0,
                Progress.NONE,
                List.of(),
                null);
    }

    private static RunningCall run() {
        Shard shard = new Shard(
                "hubspot", 0, "a", new Inheritance.Untouched(), Map.of(CALLS, new OffsetLedger(0, new BitSet())));
        ShardCalls calls = OwnedShard.of(shard, 10);
        return new RunningCall(new Delivery(shard, CALLS, new ConsumerRecord<>("calls", 0, 7, null, null)), calls);
    }
}
