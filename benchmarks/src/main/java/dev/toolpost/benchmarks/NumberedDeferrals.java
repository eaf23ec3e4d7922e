package dev.toolpost.benchmarks;

import dev.toolpost.message.Deferral;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes deferrals whose value begins with their number and the time at which they are due. Thread-safe. */
final class NumberedDeferrals implements AutoCloseable {

    private static final int CONNECTIONS = 1_000;

    private final DeferralPlace place;
    private final MessageCodec<Deferral> codec;
    private final KafkaProducer<byte[], byte[]> producer;
    private final int bytes;

    /**
     * To that place.
     *
     * @param bytes of each value
     */
    NumberedDeferrals(DeferralPlace place, int bytes) {
        this.place = place;
        this.codec = place.codec();
        this.bytes = Math.max(bytes, Integer.BYTES + Long.BYTES);
        this.producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        place.bootstrapServers(),
                        "acks",
                        "all",
                        "linger.ms",
                        5,
                        "batch.size",
                        256 << 10,
                        "buffer.memory",
                        128L << 20),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what did not arrive is counted as lost
    void defer(int number, long dueAt) {
        String connection = "crm-" + number % CONNECTIONS;
        String key = Shards.key("acme", connection);
        Deferral deferral = Deferral.newBuilder()
                .setDeferralId(key + "/crm_list_contacts/call-" + number)
                .setTenant("acme")
                .setConnection(connection)
                .setDueAt(dueAt)
                .setTopic(place.target())
                .setPartition(Shards.ofKey(key, place.partitions()))
                .setKey(key)
                .setValue(value(number, dueAt))
                .build();
        producer.send(new ProducerRecord<>(
                place.later(),
                key.getBytes(StandardCharsets.UTF_8),
                codec.encode(place.later(), deferral, Format.AVRO)));
    }

    /** What no compression makes smaller, so that sizes are those of real payloads at their worst. */
    private ByteBuffer value(int number, long dueAt) {
        byte[] value = new byte[bytes];
        new SplittableRandom(number).nextBytes(value);
        ByteBuffer.wrap(value).putInt(number).putLong(dueAt);
        return ByteBuffer.wrap(value);
    }

    void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        producer.close();
    }
}
