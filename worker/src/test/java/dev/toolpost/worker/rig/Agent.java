package dev.toolpost.worker.rig;

import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * An agent on the bare protocol, for tests that send what no client would and count every frame: publishes bytes, and
 * reads a reply topic {@code read_committed}, repeated frames included. Not thread-safe.
 */
public final class Agent implements AutoCloseable {

    private final Topics topics;
    private final Set<String> pools;
    private final String replyTopic;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final MessageCodec<ToolReply> replies;
    private final List<Future<RecordMetadata>> sent = new ArrayList<>();
    private final Map<String, List<Frame>> frames = new HashMap<>();

    Agent(String bootstrapServers, Topics topics, Set<String> pools, String replyTopic) {
        this.topics = topics;
        this.pools = Set.copyOf(pools);
        this.replyTopic = replyTopic;
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "max.request.size", 8 << 20, "linger.ms", 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "isolation.level",
                        "read_committed",
                        "auto.offset.reset",
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(partitions(consumer, replyTopic).stream()
                .map(partition -> new TopicPartition(replyTopic, partition.partition()))
                .toList());
        consumer.seekToBeginning(consumer.assignment());
        this.replies = MessageCodec.of(ToolReply.class, new HttpSchemaRegistry(RegistrySettings.at(Rig.registryUrl())));
    }

    /** A topic that was made a moment ago is not known to every broker thread yet. */
    private static List<PartitionInfo> partitions(KafkaConsumer<byte[], byte[]> consumer, String topic) {
        List<PartitionInfo> partitions = new ArrayList<>();
        try {
            Await.until(topic + " has partitions", Duration.ofSeconds(30), () -> {
                partitions.addAll(consumer.partitionsFor(topic));
                return !partitions.isEmpty();
            });
        } catch (RuntimeException failed) {
            throw failed;
        } catch (Exception impossible) {
            throw new IllegalStateException("asking for the partitions of " + topic, impossible);
        }
        return partitions;
    }

    /** A frame as it stood on the topic. */
    public record Frame(ToolReply reply, Format format, ConsumerRecord<byte[], byte[]> message) {}

    public String replyTopic() {
        return replyTopic;
    }

    /** A JSON call on the pool's topic, keyed as an agent should. */
    public void call(String id, String tool, String connection, String arguments) {
        call(id, tool, connection, arguments, "");
    }

    /** A call with what else it says, such as {@code ,"timeout_ms":2000}. */
    public void call(String id, String tool, String connection, String arguments, String more) {
        String json = json(id, tool, connection, arguments);
        publish(calls(tool), Rig.TENANT + "/" + connection, json.substring(0, json.length() - 1) + more + "}");
    }

    /** The topic for a tool's calls: that of its vendor's pool, where the rig has one. */
    public String calls(String tool) {
        String vendor = tool.substring(0, Math.max(0, tool.indexOf('_')));
        return topics.calls(pools.contains(vendor) ? vendor : "hubspot");
    }

    /** A JSON call with this agent's reply topic. */
    public String json(String id, String tool, String connection, String arguments) {
        return "{\"call_id\":\"" + id + "\",\"tool\":\"" + tool + "\",\"tenant\":\"" + Rig.TENANT
                + "\",\"connection\":\"" + connection + "\",\"arguments\":" + arguments + ",\"reply_to\":\""
                + replyTopic + "\"}";
    }

    public RecordMetadata publish(String topic, String key, String value) {
        return publish(new ProducerRecord<>(
                topic, key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8)));
    }

    public RecordMetadata publish(ProducerRecord<byte[], byte[]> message) {
        try {
            return producer.send(message).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Publishes without waiting; {@link #flush()} waits. */
    public void publishLater(String topic, String key, String value) {
        sent.add(producer.send(new ProducerRecord<>(
                topic, key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8))));
    }

    /** Returns when everything is acknowledged. */
    public void flush() {
        producer.flush();
        for (Future<RecordMetadata> each : sent) {
            if (each.state() != Future.State.SUCCESS) {
                throw new IllegalStateException(each.exceptionNow());
            }
        }
        sent.clear();
    }

    /** The reply of a call: the frame that counts. */
    public ToolReply reply(String id) {
        return reply(id, Duration.ofSeconds(30));
    }

    public ToolReply reply(String id, Duration within) {
        return frame(id, within).reply();
    }

    public Frame frame(String id, Duration within) {
        awaitReplies(List.of(id), within);
        return frames.get(id).getFirst();
    }

    /** Waits until every one of these calls is answered. */
    public void awaitReplies(List<String> ids, Duration within) {
        long until = System.nanoTime() + within.toNanos();
        List<String> open = new ArrayList<>(ids);
        open.removeIf(frames::containsKey);
        while (!open.isEmpty()) {
            if (System.nanoTime() > until) {
                throw new AssertionError(open.size() + " of " + ids.size() + " calls unanswered within " + within
                        + ", first " + open.getFirst());
            }
            read(Duration.ofMillis(100));
            open.removeIf(frames::containsKey);
        }
    }

    /** A call for every page, with what else its paging says, such as {@code ,"max_records":10}. */
    public void traverse(String id, String tool, String connection, String arguments, String paging) {
        call(id, tool, connection, arguments, ",\"paging\":{\"mode\":\"all\"" + paging + "}");
    }

    /** What a reader of a whole answer takes: the first frame of each number, up to the first last one. */
    public List<ToolReply> answer(String id, Duration within) {
        long until = System.nanoTime() + within.toNanos();
        while (true) {
            Map<Integer, ToolReply> byNumber = new TreeMap<>();
            frames(id).forEach(frame -> byNumber.putIfAbsent(frame.reply().getFrame(), frame.reply()));
            List<ToolReply> whole = new ArrayList<>();
            for (ToolReply frame : byNumber.values()) {
                if (frame.getFrame() != whole.size()) {
                    break;
                }
                whole.add(frame);
                if (frame.getLast()) {
                    return whole;
                }
            }
            if (System.nanoTime() > until) {
                throw new AssertionError(
                        "call " + id + " has no last frame within " + within + " but " + whole.size() + " others");
            }
            read(Duration.ofMillis(100));
        }
    }

    /** Every frame of a call that has been read so far, repeated ones included. */
    public List<Frame> frames(String id) {
        return frames.getOrDefault(id, List.of());
    }

    /** Reads what is there for a while, for tests that something does not come. */
    public void read(Duration time) {
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(time)) {
            var decoded = replies.decode(message.topic(), message.value());
            frames.computeIfAbsent(decoded.value().getCallId(), id -> new ArrayList<>())
                    .add(new Frame(decoded.value(), decoded.format(), message));
        }
    }

    /** All records of a topic as it stands, read committed. */
    public static List<ConsumerRecord<byte[], byte[]>> all(String topic) {
        try (KafkaConsumer<byte[], byte[]> reader = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        Rig.bootstrapServers(),
                        "isolation.level",
                        "read_committed",
                        "fetch.max.wait.ms",
                        50),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = reader.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            reader.assign(partitions);
            reader.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = reader.endOffsets(partitions);
            List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
            while (partitions.stream().anyMatch(each -> reader.position(each) < ends.get(each))) {
                reader.poll(Duration.ofMillis(100)).forEach(all::add);
            }
            return all;
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(2));
        consumer.close();
    }
}
