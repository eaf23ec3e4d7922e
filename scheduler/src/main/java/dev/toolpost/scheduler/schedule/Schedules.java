package dev.toolpost.scheduler.schedule;

import dev.toolpost.message.JobCommand;
import dev.toolpost.message.Schedule;
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
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;

/** The scheduler's part about schedules: {@code schedules} in, commands to {@code jobs} out, and {@code /schedules} for people. */
public final class Schedules implements Feature {
    static final String STORE = "schedules";

    private final Topics topics;
    private final Room room;
    private final ScheduleBoard board;
    private final ScheduleProcessor.Setup setup;

    /**
     * Made once for each process.
     *
     * @param registry null where everybody writes JSON
     * @param time runs begin by it
     * @param room what topics take
     * @param jobs finds, in a processor's stores, what is known of jobs
     */
    public Schedules(
            Topics topics,
            @Nullable SchemaRegistry registry,
            BrokerTime time,
            Room room,
            Function<ProcessorContext<byte[], Outgoing>, JobStates> jobs) {
        this.topics = topics;
        this.room = room;
        this.board = new ScheduleBoard(time);
        this.setup = new ScheduleProcessor.Setup(
                time,
                STORE,
                topics.jobs(),
                MessageCodec.of(Schedule.class, registry),
                MessageCodec.of(JobCommand.class, registry),
                new Letters(new DeadLetters(topics.deadLetters())),
                board,
                jobs);
    }

    @Override
    public void addTo(StreamsBuilder builder) {
        builder.addStateStore(Stores.of(STORE, Serdes.String(), Serdes.ByteArray()));
        KStream<byte[], Outgoing> runs = builder.stream(
                        topics.schedules(),
                        Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("schedules-source"))
                .process(() -> new ScheduleProcessor(setup), Named.as("schedules-processor"), STORE);
        OutgoingSink.drain(runs, "schedules-sink", room, setup.letters());
    }

    @Override
    public void attach(Surroundings surroundings) {
        board.addTo(surroundings.meters());
        new SchedulesEndpoint(surroundings.streams(), surroundings.peers()).addTo(surroundings.router());
    }
}
