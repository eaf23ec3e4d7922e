package dev.toolpost.benchmarks;

import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes calls in Avro and reads replies {@code read_committed}, at the least cost. Not thread-safe. */
final class Agent implements AutoCloseable {

    private static final int READ_BYTES = 16 << 20;

    private final Stage stage;
    private final MessageCodec<ToolCall> calls;
    private final MessageCodec<ToolReply> replies;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;

    Agent(Stage stage) {
        this.stage = stage;
        this.calls = stage.callCodec();
        this.replies = stage.replyCodec();
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", stage.bootstrapServers(), "linger.ms", 0, "batch.size", 64 << 10),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        stage.bootstrapServers(),
                        "isolation.level",
                        "read_committed",
                        "max.partition.fetch.bytes",
                        READ_BYTES,
                        "auto.offset.reset",
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A call to the stage's pool, to be answered on the stage's topic. */
    ToolCall.Builder call(String id, String tool, String connection, String arguments) {
        return call(id, tool, Stage.TENANT, connection, arguments);
    }

    /** The same for another tenant. */
    ToolCall.Builder call(String id, String tool, String tenant, String connection, String arguments) {
        return ToolCall.newBuilder()
                .setCallId(id)
                .setTool(tool)
                .setTenant(tenant)
                .setConnection(connection)
                .setArguments(arguments)
                .setReplyTo(stage.replies());
    }

    ProducerRecord<byte[], byte[]> encoded(ToolCall call) {
        return encoded(stage.topics().calls(Stage.POOL), call);
    }

    /** For one of the other topics that calls are read from. */
    ProducerRecord<byte[], byte[]> encoded(String topic, ToolCall call) {
        return new ProducerRecord<>(
                topic, utf8(call.getTenant() + "/" + call.getConnection()), calls.encode(topic, call, Format.AVRO));
    }

    void publish(ToolCall call) {
        publish(encoded(call));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a call that is missing shows as a missing reply
    void publish(ProducerRecord<byte[], byte[]> record) {
        producer.send(record);
    }

    void flush() {
        producer.flush();
    }

    /** Stands behind everything that the topic holds now. */
    void readFromEnd(String topic) {
        List<TopicPartition> partitions = partitions(topic);
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
    }

    /** Goes back by so many records in each partition. */
    void seekBack(int records) {
        consumer.assignment().forEach(each -> consumer.seek(each, Math.max(0, consumer.position(each) - records)));
    }

    void read(Duration within, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        consumer.poll(within).forEach(reader);
    }

    ToolReply decode(ConsumerRecord<byte[], byte[]> message) {
        return replies.decode(message.topic(), message.value()).value();
    }

    /** Reads until that many replies have come, whatever calls they answer, and requires that each is a success. */
    void awaitReplies(int count, Duration within) {
        long until = System.nanoTime() + within.toNanos();
        int[] come = {0};
        while (come[0] < count) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException(come[0] + " of " + count + " calls answered within " + within);
            }
            read(Duration.ofMillis(100), message -> {
                requireOk(decode(message));
                come[0]++;
            });
        }
    }

    static void requireOk(ToolReply reply) {
        if (!reply.getStatus().equals("ok")) {
            throw new IllegalStateException("call " + reply.getCallId() + " failed: " + reply.getError());
        }
    }

    /** How many records the topic ever held; only for topics without transactions. */
    long count(String topic) {
        return consumer.endOffsets(partitions(topic)).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private List<TopicPartition> partitions(String topic) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < stage.shards(); i++) {
            partitions.add(new TopicPartition(topic, i));
        }
        return partitions;
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(1));
        consumer.close();
    }
}
