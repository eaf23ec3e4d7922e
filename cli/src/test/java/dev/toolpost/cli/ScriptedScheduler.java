package dev.toolpost.cli;

import com.sun.net.httpserver.HttpServer;
import dev.toolpost.message.JobCommand;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Takes commands about jobs as a script says, and tells by HTTP how jobs stand. */
final class ScriptedScheduler implements AutoCloseable {
    private static final int ACKNOWLEDGED_SECONDS = 60;

    private final MessageCodec<JobCommand> commands = MessageCodec.of(JobCommand.class, null);
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final HttpServer server;
    private final BiConsumer<ScriptedScheduler, JobCommand> script;
    private final Thread thread;
    private final Map<String, String> answers = new ConcurrentHashMap<>();
    final List<JobCommand> arrivals = new CopyOnWriteArrayList<>();

    /** Takes commands from now on. */
    ScriptedScheduler(String bootstrap, int partitions, BiConsumer<ScriptedScheduler, JobCommand> script)
            throws IOException {
        this.script = script;
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap, "linger.ms", 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        List<TopicPartition> all = IntStream.range(0, partitions)
                .mapToObj(number -> new TopicPartition(new Topics().jobs(), number))
                .toList();
        consumer.assign(all);
        consumer.seekToEnd(all);
        all.forEach(consumer::position);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String answer = answers.get(exchange.getRequestURI().toString());
            byte[] body = (answer == null ? "{\"error\":\"not known\"}" : answer).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer == null ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        thread = Thread.ofPlatform().daemon().start(this::run);
    }

    private void run() {
        try {
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    JobCommand command =
                            commands.decode(record.topic(), record.value()).value();
                    script.accept(this, command);
                    arrivals.add(command);
                }
            }
        } catch (WakeupException closed) {
            // As asked for.
        } finally {
            // Without waiting for a fetch that is under way.
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        }
    }

    /** What is answered to a path from now on. */
    void answer(String path, String json) {
        answers.put(path, json);
    }

    /** How a job stands from now on. */
    void status(String jobId, String state, int parts, int failed) {
        answer(
                "/jobs/" + jobId,
                "{\"job_id\":\"" + jobId + "\",\"state\":\"" + state + "\",\"parts\":" + parts + ",\"parts_failed\":"
                        + failed
                        + ",\"records\":3,\"submitted_at\":1795000000000,\"job\":{\"tool\":\"hubspot_list_contacts\",\"tenant\":\"acme\"},"
                        + "\"failures\":["
                        + (failed == 0
                                ? ""
                                : "{\"part\":1,\"connection\":\"b\",\"records\":1,\"error\":"
                                        + "{\"code\":\"UNAVAILABLE\",\"message\":\"no\"}}")
                        + "]}");
    }

    /** Publishes a record, and returns when it is there. */
    void publish(String topic, String key, String value) {
        Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(
                topic, key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8)));
        try {
            sent.get(ACKNOWLEDGED_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while publishing to " + topic, e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(key + " was not taken by " + topic, e);
        }
    }

    /** Publishes a frame of a job's part to the shared reply topic. */
    void frame(String callId, int frame, String content, boolean last) {
        publish(
                new Topics().replies(),
                callId,
                "{\"call_id\":\"" + callId + "\",\"frame\":" + frame + ",\"last\":" + last
                        + ",\"status\":\"ok\",\"content\":" + content + "}");
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(Duration.ZERO);
        server.stop(0);
    }
}
