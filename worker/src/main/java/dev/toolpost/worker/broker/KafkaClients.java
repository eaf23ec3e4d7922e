package dev.toolpost.worker.broker;

import dev.toolpost.worker.metrics.KafkaClientFigures;
import dev.toolpost.worker.ownership.PoolTopics;
import dev.toolpost.worker.ownership.ShardAssignor;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Makes the Kafka clients of one worker process. The operator's {@code kafka.*} settings come first; what the
 * guarantees rest on (isolation, acknowledgement, no automatic commits) is set last. Thread-safe.
 */
public final class KafkaClients {

    private static final int MOST_REQUEST_BYTES = 8 << 20;

    private final Map<String, String> operator;
    private final boolean consumerProtocol;
    private final Duration sessionTimeout;
    private final Duration transactionTimeout;
    private final int mostPolled;
    private final KafkaClientFigures figures;

    /**
     * @param operator the {@code kafka.*} settings, without the prefix
     * @param consumerProtocol KIP-848 instead of the classic group protocol
     * @param mostPolled records that one poll of a pool's consumer returns at most
     * @param figures where the clients that carry calls show how they stand
     */
    public KafkaClients(
            Map<String, String> operator,
            boolean consumerProtocol,
            Duration sessionTimeout,
            Duration transactionTimeout,
            int mostPolled,
            KafkaClientFigures figures) {
        this.operator = Map.copyOf(operator);
        this.consumerProtocol = consumerProtocol;
        this.sessionTimeout = sessionTimeout;
        this.transactionTimeout = transactionTimeout;
        this.mostPolled = mostPolled;
        this.figures = figures;
    }

    public Admin admin(String clientId) {
        Map<String, Object> config = new HashMap<>(operator);
        config.put(AdminClientConfig.CLIENT_ID_CONFIG, clientId);
        config.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        config.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 15_000);
        return Admin.create(config);
    }

    /** The consumer of a pool: a member of its group, which never commits by itself. */
    public Consumer<byte[], byte[]> poolConsumer(String group, String clientId, PoolTopics topics) {
        Map<String, Object> config = consumer(clientId);
        show(config, "intake", topics.pool());
        config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, mostPolled);
        if (consumerProtocol) {
            config.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "consumer");
            config.put(ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG, "range");
        } else {
            int session = Math.toIntExact(sessionTimeout.toMillis());
            config.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
            config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, session);
            config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, Math.max(1, session / 4));
            config.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, List.of(ShardAssignor.class.getName()));
            config.put(ShardAssignor.LEADING_TOPIC, topics.calls());
        }
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** A consumer without a group, for reading state. Closing it waits for a fetch under way, which is therefore short. */
    public Consumer<byte[], byte[]> reader(String clientId) {
        Map<String, Object> config = consumer(clientId);
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** A consumer without a group that listens for as long as the process lives: rarely anything comes, and what comes is there at once. */
    public Consumer<byte[], byte[]> listener(String clientId) {
        Map<String, Object> config = consumer(clientId);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private Map<String, Object> consumer(String clientId) {
        Map<String, Object> config = new HashMap<>(operator);
        config.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return config;
    }

    /** The committer's producer, not yet initialised. */
    public Producer<byte[], byte[]> transactional(String transactionalId, String pool) {
        Map<String, Object> config = producer(transactionalId);
        show(config, "committer", pool);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Math.toIntExact(transactionTimeout.toMillis()));
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.toIntExact(transactionTimeout.toMillis()));
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** The producer of replies that go out at once. */
    public Producer<byte[], byte[]> plain(String clientId) {
        Map<String, Object> config = producer(clientId);
        show(config, "replies", "");
        config.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 20_000);
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void show(Map<String, Object> config, String role, String pool) {
        String own = KafkaClientFigures.Reporter.class.getName();
        config.merge(
                CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, own, (operators, ours) -> operators + "," + ours);
        config.put(KafkaClientFigures.FIGURES, figures);
        config.put(KafkaClientFigures.ROLE, role);
        config.put(KafkaClientFigures.POOL, pool);
    }

    private Map<String, Object> producer(String clientId) {
        Map<String, Object> config = new HashMap<>(operator);
        config.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MOST_REQUEST_BYTES);
        config.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 0);
        config.putIfAbsent(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        config.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
        return config;
    }
}
