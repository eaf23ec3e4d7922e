package dev.toolpost.worker.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.Timeout;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What a worker is measured against: consumer, HTTP client on virtual threads, producer, and nothing else. A record's value
 * is the path to fetch, then spaces; the answer's body goes to the reply topic under the record's key. It loses calls when it
 * is killed, knows no limits, tries nothing again.
 */
final class BareLoop {

    private BareLoop() {}

    /**
     * Runs until the process is ended.
     *
     * @param args bootstrap servers, calls topic, replies topic, vendor's address, token, calls in flight
     */
    public static void main(String[] args) throws InterruptedException {
        String replies = args[2];
        String vendor = args[3];
        String authorization = "Bearer " + args[4];
        int inFlight = Integer.parseInt(args[5]);
        Semaphore places = new Semaphore(inFlight);
        try (CloseableHttpClient http = http(inFlight);
                KafkaProducer<byte[], byte[]> producer = producer(args[0]);
                KafkaConsumer<byte[], byte[]> consumer = consumer(args[0])) {
            consumer.subscribe(List.of(args[1]));
            System.out.println("bare loop started");
            while (true) {
                for (ConsumerRecord<byte[], byte[]> call : consumer.poll(Duration.ofMillis(100))) {
                    places.acquire();
                    Thread.ofVirtual().start(() -> {
                        byte[] body = fetch(http, vendor, authorization, call.value());
                        answer(producer, new ProducerRecord<>(replies, call.key(), body), places);
                    });
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] fetch(CloseableHttpClient http, String vendor, String authorization, byte[] call) {
        String path = new String(call, StandardCharsets.UTF_8).strip();
        HttpGet get = new HttpGet(vendor + path);
        get.addHeader("Authorization", authorization);
        get.addHeader("Accept", "application/json");
        try {
            return http.execute(get, answer -> EntityUtils.toByteArray(answer.getEntity()));
        } catch (IOException e) {
            return String.valueOf(e).getBytes(StandardCharsets.UTF_8);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback is told
    private static void answer(
            Producer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> reply, Semaphore places) {
        producer.send(reply, (sent, failure) -> places.release());
    }

    private static CloseableHttpClient http(int connections) {
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                        .setMaxConnPerRoute(connections)
                        .setMaxConnTotal(connections)
                        .setDefaultSocketConfig(SocketConfig.custom()
                                .setTcpNoDelay(true)
                                .setSoTimeout(Timeout.DISABLED)
                                .build())
                        .build())
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableConnectionState()
                .disableContentCompression()
                .disableCookieManagement()
                .disableRedirectHandling()
                .build();
    }

    private static KafkaProducer<byte[], byte[]> producer(String bootstrapServers) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "acks", "all", "linger.ms", 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String bootstrapServers) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "group.id",
                        "bare",
                        "session.timeout.ms",
                        Throughput.SESSION_SECONDS * 1_000,
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        true),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }
}
