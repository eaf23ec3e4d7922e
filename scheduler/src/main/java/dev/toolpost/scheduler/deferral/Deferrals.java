package dev.toolpost.scheduler.deferral;

import dev.toolpost.message.Deferral;
import dev.toolpost.scheduler.clock.BrokerTime;
import dev.toolpost.scheduler.feature.Feature;
import dev.toolpost.scheduler.feature.Surroundings;
import dev.toolpost.scheduler.out.Letters;
import dev.toolpost.scheduler.out.Outgoing;
import dev.toolpost.scheduler.out.OutgoingSink;
import dev.toolpost.scheduler.out.Room;
import dev.toolpost.scheduler.state.Stores;
import dev.toolpost.schemas.DeadLetters;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;

/** {@code later} in, the targets out at their time. */
public final class Deferrals implements Feature {

    /** Store: {@link DeferralStore}. */
    static final String STORE = "deferrals";

    private static final String PROCESSOR = "deferral-processor";

    private final Topics topics;
    private final DeferralSettings settings;
    private final MessageCodec<Deferral> codec;
    private final BrokerTime time;
    private final Targets targets;
    private final Room room;
    private final DeferralBoard board = new DeferralBoard();

    /**
     * Made for one process.
     *
     * @param time told which partitions are owned, and tells their time
     */
    public Deferrals(
            Topics topics,
            DeferralSettings settings,
            MessageCodec<Deferral> codec,
            BrokerTime time,
            Targets targets,
            Room room) {
        this.topics = topics;
        this.settings = settings;
        this.codec = codec;
        this.time = time;
        this.targets = targets;
        this.room = room;
    }

    @Override
    public void addTo(StreamsBuilder builder) {
        builder.addStateStore(Stores.bytes(STORE));
        KStream<byte[], Outgoing> due = builder.stream(
                        topics.later(),
                        Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("later"))
                .process(
                        () -> new DeferralProcessor(
                                topics, settings, new DeferralReader(topics, codec), time, targets, board),
                        Named.as(PROCESSOR),
                        STORE);
        OutgoingSink.drain(due, "deferrals-out", room, new Letters(new DeadLetters(topics.deadLetters())));
    }

    @Override
    public void attach(Surroundings surroundings) {
        board.addTo(surroundings.meters());
        new DeferralPages(surroundings.streams(), board, surroundings.peers()).addTo(surroundings.router());
    }
}
