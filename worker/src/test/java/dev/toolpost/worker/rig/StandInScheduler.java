package dev.toolpost.worker.rig;

import dev.toolpost.message.Deferral;
import dev.toolpost.message.Resumption;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A member of the schedulers' group that shows what workers send to {@code later}, and delivers it when it is told to. Not thread-safe. */
public final class StandInScheduler implements AutoCloseable {

    private final Topics topics;
    private final int shards;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final MessageCodec<Deferral> deferrals;
    private final MessageCodec<Resumption> resumptions;
    private final List<Deferral> seen = new ArrayList<>();

    /** Is a member when this returns. */
    public StandInScheduler(Topics topics, int shards) throws Exception {
        this.topics = topics;
        this.shards = shards;
        HttpSchemaRegistry registry = new HttpSchemaRegistry(RegistrySettings.at(Rig.registryUrl()));
        this.deferrals = MessageCodec.of(Deferral.class, registry);
        this.resumptions = MessageCodec.of(Resumption.class, registry);
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", Rig.bootstrapServers(), "linger.ms", 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        Rig.bootstrapServers(),
                        "group.id",
                        topics.scheduler(),
                        "isolation.level",
                        "read_committed",
                        "auto.offset.reset",
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.subscribe(List.of(topics.later()));
        Await.until("membership of the schedulers' group", Duration.ofSeconds(30), () -> {
            poll();
            return !consumer.assignment().isEmpty();
        });
    }

    private void poll() {
        consumer.poll(Duration.ofMillis(50))
                .forEach(message -> seen.add(
                        deferrals.decode(message.topic(), message.value()).value()));
    }

    /** The first deferral with this action of a call. */
    public Deferral await(String action, String callId) throws Exception {
        Deferral[] found = new Deferral[1];
        Await.until(action + " of " + callId, Duration.ofSeconds(30), () -> {
            poll();
            for (Deferral each : seen) {
                if (each.getAction().equals(action) && (each.getDeferralId() + " ").contains("/" + callId + " ")) {
                    found[0] = each;
                }
            }
            return found[0] != null;
        });
        return found[0];
    }

    /** What a deferral has kept. */
    public Resumption kept(Deferral deferral) {
        return resumptions.decode(deferral.getTopic(), bytes(deferral)).value();
    }

    private static byte[] bytes(Deferral deferral) {
        byte[] value = new byte[deferral.getValue().remaining()];
        deferral.getValue().duplicate().get(value);
        return value;
    }

    /** Delivers a deferral, before its time where it is told so. */
    public void deliver(Deferral deferral, boolean recalled) {
        ProducerRecord<byte[], byte[]> due = new ProducerRecord<>(
                deferral.getTopic(),
                deferral.getPartition(),
                deferral.getKey().getBytes(StandardCharsets.UTF_8),
                bytes(deferral));
        if (recalled) {
            due.headers().add(HeaderNames.RECALLED, new byte[0]);
        }
        send(due);
    }

    /** Sends a call to where it goes on. */
    public void resume(String pool, Resumption resumption) {
        String tenant = resumption.getCall().getTenant();
        String connection = resumption.getCall().getConnection();
        send(new ProducerRecord<>(
                topics.resume(pool),
                Shards.of(tenant, connection, shards),
                (tenant + "/" + connection).getBytes(StandardCharsets.UTF_8),
                resumptions.encode(topics.resume(pool), resumption, Format.AVRO)));
    }

    private void send(ProducerRecord<byte[], byte[]> message) {
        try {
            producer.send(message).get();
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    @Override
    public void close() {
        consumer.close();
        producer.close();
    }
}
