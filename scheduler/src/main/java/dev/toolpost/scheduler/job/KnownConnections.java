package dev.toolpost.scheduler.job;

import dev.toolpost.message.ConnectionEvent;
import dev.toolpost.scheduler.job.accept.Connections;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.jspecify.annotations.Nullable;

/** The connections of which the last event was not that they were removed. Confined to a stream thread. */
final class KnownConnections implements Connections {

    private final String topic;
    private final MessageCodec<ConnectionEvent> events;
    private final ReadOnlyKeyValueStore<byte[], ValueAndTimestamp<byte[]>> store;

    KnownConnections(
            String topic,
            MessageCodec<ConnectionEvent> events,
            ReadOnlyKeyValueStore<byte[], ValueAndTimestamp<byte[]>> store) {
        this.topic = topic;
        this.events = events;
        this.store = store;
    }

    @Override
    public List<String> of(String tenant, String vendor) {
        List<String> found = new ArrayList<>();
        try (KeyValueIterator<byte[], ValueAndTimestamp<byte[]>> all =
                store.prefixScan(Shards.key(tenant, ""), new StringSerializer())) {
            while (all.hasNext()) {
                ConnectionEvent event = read(all.next().value);
                if (event != null
                        && vendor.equals(event.getVendor())
                        && !event.getKind().equals("removed")) {
                    found.add(event.getConnection());
                }
            }
        }
        return found;
    }

    private @Nullable ConnectionEvent read(ValueAndTimestamp<byte[]> value) {
        try {
            return events.decode(topic, value.value()).value();
        } catch (DecodeException unreadable) {
            return null;
        }
    }
}
