package dev.toolpost.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

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
    public static void main(String[] args) throws InterruptedException, IOException {
        String replies = args[2];
        int inFlight = Integer.parseInt(args[5]);
        Semaphore places = new Semaphore(inFlight);
        try (PlainHttp http = new PlainHttp(args[3], args[4], inFlight);
                KafkaProducer<byte[], byte[]> producer = Clients.producer(args[0]);
                KafkaConsumer<byte[], byte[]> consumer = Clients.consumer(args[0], "bare", true)) {
            consumer.subscribe(List.of(args[1]));
            System.out.println("bare loop started");
            while (true) {
                for (ConsumerRecord<byte[], byte[]> call : consumer.poll(Duration.ofMillis(100))) {
                    places.acquire();
                    Thread.ofVirtual()
                            .start(() -> answer(
                                    producer, new ProducerRecord<>(replies, call.key(), body(http, call)), places));
                }
            }
        }
    }

    private static byte[] body(PlainHttp http, ConsumerRecord<byte[], byte[]> call) {
        try {
            return http.fetch(call.value());
        } catch (IOException e) {
            return String.valueOf(e).getBytes(StandardCharsets.UTF_8);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback is told
    private static void answer(
            Producer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> reply, Semaphore places) {
        producer.send(reply, (sent, failure) -> places.release());
    }
}
