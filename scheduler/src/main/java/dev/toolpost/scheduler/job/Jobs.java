package dev.toolpost.scheduler.job;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.message.JobStatus;
import dev.toolpost.scheduler.clock.BrokerTime;
import dev.toolpost.scheduler.feature.Feature;
import dev.toolpost.scheduler.feature.Surroundings;
import dev.toolpost.scheduler.job.accept.JobAcceptance;
import dev.toolpost.scheduler.job.accept.JobTopics;
import dev.toolpost.scheduler.job.dispatch.DispatchProcessor;
import dev.toolpost.scheduler.job.meter.JobMeters;
import dev.toolpost.scheduler.job.state.JobClock;
import dev.toolpost.scheduler.out.Letters;
import dev.toolpost.scheduler.out.Outgoing;
import dev.toolpost.scheduler.out.OutgoingSink;
import dev.toolpost.scheduler.out.Room;
import dev.toolpost.scheduler.state.Stores;
import dev.toolpost.schemas.DeadLetters;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.jspecify.annotations.Nullable;

/**
 * {@code jobs} and {@code job-parts} in; {@code resume}, {@code job-events}, {@code job-status} and the ends of parts in their sinks out. Three
 * steps: commands come to the partition of their job; jobs follow their parts; each vendor's line of parts is kept in one place, whichever
 * jobs they are of.
 */
public final class Jobs implements Feature {

    /** Global store: {@code job-status} by job id, the message's bytes with their timestamp. */
    public static final String STATUSES = "job-status";

    /** Global store: {@code connection-events} by tenant and connection. */
    static final String CONNECTIONS = "connections";

    private static final Serde<byte[]> BYTES = Serdes.ByteArray();

    private final JobParameters parameters;
    private final JobMessages messages;
    private final JobIndex index = new JobIndex();

    /**
     * Made for one process.
     *
     * @param catalogue the connectors as they are known now
     * @param registry null where messages are JSON only
     * @param time the brokers' time
     * @param exists whether a topic is there: a record for one that is not would hold up its stream thread
     * @param room what topics take
     */
    public Jobs(
            Topics topics,
            JobTerms terms,
            Supplier<ConnectorCatalogue> catalogue,
            @Nullable SchemaRegistry registry,
            BrokerTime time,
            Predicate<String> exists,
            Room room) {
        JobTopics jobTopics = new JobTopics(topics, sinks(topics, terms.sinks()), exists, terms.defaultTenant());
        this.messages = new JobMessages(registry);
        this.parameters = new JobParameters(
                topics,
                terms.settings(),
                new JobAcceptance(catalogue, jobTopics, terms.settings(), registry != null),
                exists,
                room,
                new JobClock(time),
                new Letters(new DeadLetters(topics.deadLetters())),
                new JobMeters());
    }

    private static Predicate<String> sinks(Topics topics, @Nullable Pattern pattern) {
        return pattern == null
                ? topics::isReplies
                : topic -> pattern.matcher(topic).matches();
    }

    /**
     * The state of a job as {@code job-status} has it, for processors of the same topology.
     *
     * @return null where the job is not known
     */
    public @Nullable String stateOf(ProcessingContext context, String jobId) {
        ReadOnlyKeyValueStore<byte[], ValueAndTimestamp<byte[]>> statuses = context.getStateStore(STATUSES);
        ValueAndTimestamp<byte[]> found = statuses.get(jobId.getBytes(StandardCharsets.UTF_8));
        JobStatus status =
                found == null ? null : messages.status(parameters.topics().jobStatus(), found.value());
        return status == null ? null : status.getState();
    }

    @Override
    public void addTo(StreamsBuilder builder) {
        Topics topics = parameters.topics();
        builder.addGlobalStore(
                Stores.global(STATUSES),
                topics.jobStatus(),
                Consumed.with(BYTES, BYTES),
                () -> new StatusKeeper(messages, topics.jobStatus(), index));
        builder.globalTable(topics.connectionEvents(), Consumed.with(BYTES, BYTES), kept(CONNECTIONS));

        KStream<byte[], JobOutput> read = builder.stream(
                        topics.jobs(), Consumed.with(BYTES, BYTES).withName("jobs"))
                .process(
                        () -> new CommandReader(
                                messages.commands(),
                                parameters.letters(),
                                parameters.settings().maxJobBytes()),
                        Named.as("job-commands"));
        drain(outside(read, "job-commands-refused"), "job-commands-out");
        KStream<byte[], byte[]> commands = inside(read, "job-commands-read")
                .repartition(Repartitioned.with(BYTES, BYTES).withName("job-commands"));

        builder.addStateStore(Stores.bytes(JobStores.NAME));
        KStream<byte[], JobOutput> followed = builder.stream(
                        topics.jobParts(), Consumed.with(BYTES, BYTES).withName("job-parts"))
                .merge(commands, Named.as("job-input"))
                .process(() -> new JobProcessor(parameters, messages), Named.as("jobs-followed"), JobStores.NAME);
        drain(outside(followed, "jobs-told"), "jobs-out");

        builder.addStateStore(Stores.bytes(DispatchProcessor.STORE));
        KStream<byte[], Outgoing> sent = inside(followed, "jobs-asking")
                .repartition(Repartitioned.with(BYTES, BYTES).withName(JobWriter.DISPATCH))
                .process(
                        () -> new DispatchProcessor(
                                topics,
                                parameters.settings(),
                                parameters.room(),
                                messages.resumptions(),
                                messages.parts(),
                                messages.internal(),
                                parameters.time(),
                                parameters.meters()),
                        Named.as("job-dispatcher"),
                        DispatchProcessor.STORE);
        drain(sent, "job-dispatch-out");
    }

    private void drain(KStream<byte[], Outgoing> stream, String name) {
        OutgoingSink.drain(stream, name, parameters.room(), parameters.letters());
    }

    private static Materialized<byte[], byte[], KeyValueStore<Bytes, byte[]>> kept(String store) {
        return Materialized.<byte[], byte[], KeyValueStore<Bytes, byte[]>>as(store)
                .withKeySerde(BYTES)
                .withValueSerde(BYTES);
    }

    private static KStream<byte[], Outgoing> outside(KStream<byte[], JobOutput> all, String name) {
        return all.flatMapValues(
                output -> output instanceof JobOutput.Outside(Outgoing record) ? List.of(record) : List.<Outgoing>of(),
                Named.as(name));
    }

    private static KStream<byte[], byte[]> inside(KStream<byte[], JobOutput> all, String name) {
        return all.flatMapValues(
                output -> output instanceof JobOutput.Inside(byte[] value) ? List.of(value) : List.<byte[]>of(),
                Named.as(name));
    }

    @Override
    public void attach(Surroundings surroundings) {
        parameters.meters().addTo(surroundings.meters(), index::count);
        new JobPages(
                        () -> surroundings
                                .streams()
                                .store(StoreQueryParameters.fromNameAndType(
                                        STATUSES, QueryableStoreTypes.keyValueStore())),
                        index,
                        messages,
                        parameters.topics().jobStatus())
                .addTo(surroundings.router());
    }
}
