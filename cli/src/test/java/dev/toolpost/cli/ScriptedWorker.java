package dev.toolpost.cli;

import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Answers the calls of a pool as a script says, in JSON. */
final class ScriptedWorker implements AutoCloseable {
    private final MessageCodec<ToolCall> calls = MessageCodec.of(ToolCall.class, null);
    private final MessageCodec<ToolReply> replies = MessageCodec.of(ToolReply.class, null);
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Function<ToolCall, List<ToolReply>> script;
    private final Thread thread;
    final List<ToolCall> arrivals = new CopyOnWriteArrayList<>();

    /** Takes calls from now on. */
    ScriptedWorker(String bootstrap, String pool, int partitions, Function<ToolCall, List<ToolReply>> script) {
        this.script = script;
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap, "linger.ms", 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        List<TopicPartition> all = IntStream.range(0, partitions)
                .mapToObj(number -> new TopicPartition(new Topics().calls(pool), number))
                .toList();
        consumer.assign(all);
        consumer.seekToEnd(all);
        all.forEach(consumer::position);
        thread = Thread.ofPlatform().daemon().start(this::run);
    }

    private void run() {
        try (consumer) {
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    answer(calls.decode(record.topic(), record.value()).value());
                }
            }
        } catch (WakeupException closed) {
            // As asked for.
        }
    }

    private void answer(ToolCall call) {
        arrivals.add(call);
        for (ToolReply frame : script.apply(call)) {
            Future<?> _ = producer.send(new ProducerRecord<>(
                    call.getReplyTo(),
                    call.getReplyPartition(),
                    call.getCallId().getBytes(StandardCharsets.UTF_8),
                    replies.encode("", frame, Format.JSON)));
        }
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
}
