package dev.toolpost.client;

import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.Decoded;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Answers calls as a script says, in their own format, keyed as workers key replies. */
final class FakeWorker implements AutoCloseable {
    /** A call as it arrived. */
    record Arrival(ToolCall call, Format format, String key, int partition, Map<String, String> headers) {}

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final MessageCodec<ToolCall> calls;
    private final MessageCodec<ToolReply> replies;
    private final Function<ToolCall, List<ToolReply>> script;
    private final Thread thread;
    private final CountDownLatch assigned = new CountDownLatch(1);
    final List<Arrival> arrivals = new CopyOnWriteArrayList<>();

    FakeWorker(
            String bootstrap,
            SchemaRegistry registry,
            String topic,
            String group,
            Function<ToolCall, List<ToolReply>> script)
            throws InterruptedException {
        this.calls = MessageCodec.of(ToolCall.class, registry);
        this.replies = MessageCodec.of(ToolReply.class, registry);
        this.script = script;
        this.consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "group.id", group, "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap, "linger.ms", 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(java.util.Collection<TopicPartition> partitions) {}

            @Override
            public void onPartitionsAssigned(java.util.Collection<TopicPartition> partitions) {
                assigned.countDown();
            }
        });
        this.thread = Thread.ofPlatform().daemon().start(this::run);
        assigned.await();
    }

    @Override
    public void close() {
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }

    private void run() {
        try (consumer) {
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    answer(record);
                }
            }
        } catch (WakeupException e) {
            // closed
        }
    }

    private void answer(ConsumerRecord<byte[], byte[]> record) {
        Decoded<ToolCall> decoded = calls.decode(record.topic(), record.value());
        Map<String, String> headers = new java.util.HashMap<>();
        record.headers()
                .forEach(header -> headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        arrivals.add(new Arrival(
                decoded.value(),
                decoded.format(),
                new String(record.key(), StandardCharsets.UTF_8),
                record.partition(),
                headers));
        for (ToolReply frame : script.apply(decoded.value())) {
            String topic = decoded.value().getReplyTo();
            ProducerRecord<byte[], byte[]> reply = new ProducerRecord<>(
                    topic,
                    frame.getCallId().getBytes(StandardCharsets.UTF_8),
                    replies.encode(topic, frame, decoded.format()));
            headers.forEach((name, value) -> {
                if (name.startsWith("reply-")) {
                    reply.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
                }
            });
            Future<?> _ = producer.send(reply);
        }
    }
}
