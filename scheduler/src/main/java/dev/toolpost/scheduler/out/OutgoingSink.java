package dev.toolpost.scheduler.out;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.RecordContext;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.TopicNameExtractor;
import org.jspecify.annotations.Nullable;

/** Writes {@link Outgoing} records where they say. Thread-safe. */
public final class OutgoingSink
        implements TopicNameExtractor<byte[], Outgoing>, StreamPartitioner<byte[], Outgoing>, Serializer<Outgoing> {

    private static final Deserializer<Outgoing> NEVER_READ = (topic, bytes) -> {
        throw new UnsupportedOperationException("records of " + topic + " are only written here");
    };

    /**
     * Ends a stream in a sink of this kind.
     *
     * @param name of the sink's node, for ever
     * @param room what does not fit becomes one of the letters
     */
    public static void drain(KStream<byte[], Outgoing> stream, String name, Room room, Letters letters) {
        OutgoingSink sink = new OutgoingSink();
        stream.process(() -> new LargeRecords(room, letters), Named.as(name + "-room"))
                .to(
                        sink,
                        Produced.<byte[], Outgoing>with(Serdes.ByteArray(), Serdes.serdeFrom(sink, NEVER_READ), sink)
                                .withName(name));
    }

    @Override
    public String extract(byte @Nullable [] key, Outgoing outgoing, RecordContext context) {
        return outgoing.topic();
    }

    @Override
    public Optional<Set<Integer>> partitions(String topic, byte @Nullable [] key, Outgoing outgoing, int partitions) {
        Integer wanted = outgoing.partition();
        if (wanted != null) {
            return Optional.of(Set.of(wanted));
        }
        return key == null ? Optional.empty() : Optional.of(Set.of(Utils.toPositive(Utils.murmur2(key)) % partitions));
    }

    @Override
    public byte @Nullable [] serialize(String topic, Outgoing outgoing) {
        return outgoing.value();
    }
}
