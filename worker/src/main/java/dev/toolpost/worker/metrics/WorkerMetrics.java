package dev.toolpost.worker.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one worker process, shown in Prometheus' text format.
 *
 * <p>What happens with every call is counted when it happens, by meters that are looked up once; what can be asked for at any time is
 * asked for when somebody scrapes. Labels name pools, vendors, limits, lanes and codes, whose number is bounded by configuration; never a
 * tenant, a connection, a host or anything of a call.
 *
 * <p>Thread-safe.
 */
public final class WorkerMetrics implements AutoCloseable {

    private final MeterRegistry registry;
    private final @Nullable PrometheusMeterRegistry prometheus;
    private final List<AutoCloseable> binders = new CopyOnWriteArrayList<>();
    private final List<Runnable> beforeScrape = new CopyOnWriteArrayList<>();
    private final Map<String, PoolMeters> pools = new ConcurrentHashMap<>();
    private final Map<String, VendorMeters> vendors = new ConcurrentHashMap<>();
    private final KafkaClientFigures kafka;

    private WorkerMetrics(MeterRegistry registry, @Nullable PrometheusMeterRegistry prometheus) {
        this.registry = registry;
        this.prometheus = prometheus;
        this.kafka = new KafkaClientFigures(registry);
    }

    /** Metrics that somebody may scrape. */
    public static WorkerMetrics scraped() {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        WorkerMetrics metrics = new WorkerMetrics(prometheus, prometheus);
        List.of(
                        new JvmMemoryMetrics(),
                        new JvmGcMetrics(),
                        new JvmThreadMetrics(),
                        new ProcessorMetrics(),
                        new UptimeMetrics(),
                        new FileDescriptorMetrics())
                .forEach(metrics::bind);
        metrics.beforeScrape(metrics.kafka::show);
        return metrics;
    }

    /** Metrics that nobody can see, and that cost nothing. */
    public static WorkerMetrics off() {
        return new WorkerMetrics(new CompositeMeterRegistry(), null);
    }

    private void bind(MeterBinder binder) {
        binder.bindTo(registry);
        if (binder instanceof AutoCloseable closeable) {
            binders.add(closeable);
        }
    }

    /** For meters whose values are asked for when somebody scrapes. */
    public MeterRegistry registry() {
        return registry;
    }

    /** Runs an action before each scrape. */
    public void beforeScrape(Runnable action) {
        beforeScrape.add(action);
    }

    /** What is counted with the calls of a pool. */
    public PoolMeters pool(String pool) {
        return pools.computeIfAbsent(pool, name -> new PoolMeters(registry, name));
    }

    /** What is counted with the requests to a vendor. */
    public VendorMeters vendor(String vendor) {
        return vendors.computeIfAbsent(vendor, name -> new VendorMeters(registry, name));
    }

    /** Kafka's own figures of the worker's clients. */
    public KafkaClientFigures kafka() {
        return kafka;
    }

    /** Everything in Prometheus' text format; empty where metrics are off. */
    public String scrape() {
        if (prometheus == null) {
            return "";
        }
        beforeScrape.forEach(Runnable::run);
        return prometheus.scrape();
    }

    @Override
    public void close() {
        for (AutoCloseable binder : binders) {
            try {
                binder.close();
            } catch (Exception e) {
                throw new IllegalStateException("a listener to the JVM cannot be removed", e);
            }
        }
        registry.close();
    }
}
