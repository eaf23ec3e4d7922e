package dev.toolpost.scheduler;

import dev.toolpost.scheduler.state.SharedRocksMemory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.UsePartitionTimeOnInvalidTimestamp;

/** Kafka's keys that follow from the settings. The operator's own {@code kafka.*} keys go before, those of correctness after them. */
final class StreamsConfiguration {

    /** A deferral of 5 MB, what is stored around it, and room. */
    private static final int MAX_REQUEST = 8 << 20;

    private static final int RESTORE_FETCH = 16 << 20;

    private StreamsConfiguration() {}

    /** What a producer sends in one piece, before it is compressed. */
    static long mostOfRequest(SchedulerSettings settings) {
        Object given = settings.kafka().get(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG));
        try {
            return given == null ? MAX_REQUEST : Long.parseLong(given.toString().trim());
        } catch (NumberFormatException wrong) {
            // The producer says so, in words of its own.
            return MAX_REQUEST;
        }
    }

    /** @param instance under which the group knows this instance again when it comes back */
    static Properties of(SchedulerSettings settings, String applicationServer, String instance) {
        Map<String, Object> all = new HashMap<>();
        all.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, -1);
        all.put(StreamsConfig.METRICS_RECORDING_LEVEL_CONFIG, "INFO");
        all.put(
                StreamsConfig.STATE_CLEANUP_DELAY_MS_CONFIG,
                Duration.ofMinutes(30).toMillis());
        all.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        all.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
        // The first record of a transaction is refused while the markers of the one before are being written.
        all.put(StreamsConfig.producerPrefix(ProducerConfig.RETRY_BACKOFF_MS_CONFIG), 10);
        all.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 128 << 10);
        all.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 64L << 20);
        all.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), MAX_REQUEST);
        all.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 2_000);
        all.put(StreamsConfig.restoreConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 20_000);
        all.put(StreamsConfig.restoreConsumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), RESTORE_FETCH);
        all.put(StreamsConfig.restoreConsumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 4 * RESTORE_FETCH);
        all.put(StreamsConfig.restoreConsumerPrefix(ConsumerConfig.RECEIVE_BUFFER_CONFIG), 1 << 20);
        all.putAll(settings.kafka());

        // Members are known to be alive by what Kafka Streams calls its clients.
        all.remove(StreamsConfig.CLIENT_ID_CONFIG);
        // With the streams protocol the brokers decide when an instance counts as dead, not the session time-out given
        // here.
        all.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");

        SchedulerSettings.Pace pace = settings.pace();
        all.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.applicationId());
        all.put(StreamsConfig.APPLICATION_SERVER_CONFIG, applicationServer);
        all.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory().toString());
        all.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        all.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
        all.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, settings.standbyReplicas());
        all.put(StreamsConfig.POLL_MS_CONFIG, pace.poll().toMillis());
        all.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, pace.commit().toMillis());
        all.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0L);
        all.put(
                StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG,
                UsePartitionTimeOnInvalidTimestamp.class.getName());
        all.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SharedRocksMemory.class.getName());
        all.put(SharedRocksMemory.CACHE_BYTES, settings.memory().blockCacheBytes());
        all.put(SharedRocksMemory.WRITE_BUFFER_BYTES, settings.memory().writeBufferBytes());
        // Kafka Streams appends the number of the thread.
        all.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), instance);
        all.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), (int)
                pace.session().toMillis());
        all.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), (int)
                Math.max(pace.session().toMillis() / 4, 1));
        all.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        all.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), (int)
                pace.transaction().toMillis());
        all.put(StreamsConfig.topicPrefix(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG), "CreateTime");
        Properties properties = new Properties();
        properties.putAll(all);
        return properties;
    }
}
