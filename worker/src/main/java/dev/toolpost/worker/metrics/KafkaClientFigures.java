package dev.toolpost.worker.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;

/**
 * The few figures of Kafka's own clients that tell how a worker stands with its brokers. Kafka keeps hundreds for each client;
 * {@code kafka.metric.reporters} and JMX have them all. Thread-safe.
 */
public final class KafkaClientFigures {

    /** Configuration key of a client under which its {@link Reporter} finds this. */
    public static final String FIGURES = "toolpost.figures";

    /** Configuration key of a client: what it is for. */
    public static final String ROLE = "toolpost.figures.role";

    /** Configuration key of a client: the pool that it works for. */
    public static final String POOL = "toolpost.figures.pool";

    private static final Map<String, String> SHOWN = new LinkedHashMap<>();

    static {
        SHOWN.put("records-lag-max", "Records that the partition farthest behind has not delivered yet");
        SHOWN.put("last-poll-seconds-ago", "How long ago the last poll was");
        SHOWN.put("rebalance-rate-per-hour", "Rebalances of the group per hour");
        SHOWN.put("request-latency-avg", "Mean time of a request to a broker, in milliseconds");
        SHOWN.put("record-error-rate", "Records per second that could not be sent");
        SHOWN.put("record-retry-rate", "Records per second that were sent again");
    }

    private final Map<String, MultiGauge> gauges = new LinkedHashMap<>();
    private final Set<Reporter> clients = ConcurrentHashMap.newKeySet();

    KafkaClientFigures(MeterRegistry registry) {
        SHOWN.forEach((name, description) -> gauges.put(
                name,
                MultiGauge.builder("toolpost.kafka." + name.replace('-', '.'))
                        .description(description)
                        .register(registry)));
    }

    /** Brings the gauges up to date. Of several clients with one role and pool the worst figure counts. */
    void show() {
        gauges.forEach((name, gauge) -> {
            Map<Tags, Double> worst = new LinkedHashMap<>();
            for (Reporter client : clients) {
                KafkaMetric metric = client.metrics.get(name);
                if (metric != null
                        && metric.metricValue() instanceof Number number
                        && Double.isFinite(number.doubleValue())) {
                    worst.merge(client.tags, number.doubleValue(), Math::max);
                }
            }
            List<MultiGauge.Row<?>> rows = new ArrayList<>();
            worst.forEach((tags, value) -> rows.add(MultiGauge.Row.of(tags, value)));
            gauge.register(rows, true);
        });
    }

    /** Made by a Kafka client of the configuration that it was given; not for other use. */
    public static final class Reporter implements MetricsReporter {

        private final Map<String, KafkaMetric> metrics = new ConcurrentHashMap<>();
        private volatile Tags tags = Tags.empty();
        private volatile Set<Reporter> registered = Set.of();

        @Override
        public void configure(Map<String, ?> config) {
            if (config.get(FIGURES) instanceof KafkaClientFigures figures) {
                tags = Tags.of("client", String.valueOf(config.get(ROLE)), "pool", String.valueOf(config.get(POOL)));
                registered = figures.clients;
                registered.add(this);
            }
        }

        @Override
        public void init(List<KafkaMetric> existing) {
            existing.forEach(this::metricChange);
        }

        @Override
        public void metricChange(KafkaMetric metric) {
            if (isShown(metric)) {
                metrics.put(metric.metricName().name(), metric);
            }
        }

        @Override
        public void metricRemoval(KafkaMetric metric) {
            if (isShown(metric)) {
                metrics.remove(metric.metricName().name(), metric);
            }
        }

        /** Those of the whole client: what Kafka keeps for each broker and partition has further tags. */
        private static boolean isShown(KafkaMetric metric) {
            return SHOWN.containsKey(metric.metricName().name())
                    && metric.metricName().tags().size() <= 1;
        }

        @Override
        public void close() {
            if (!registered.isEmpty()) {
                registered.remove(this);
            }
        }
    }
}
