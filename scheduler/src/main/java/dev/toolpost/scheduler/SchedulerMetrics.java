package dev.toolpost.scheduler;

import dev.toolpost.scheduler.fencing.DeadTransactions;
import dev.toolpost.scheduler.http.Answer;
import dev.toolpost.scheduler.http.Router;
import dev.toolpost.scheduler.state.RestoreProgress;
import dev.toolpost.scheduler.state.StandbyProgress;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KafkaStreams;

/** The metrics of one scheduler process in Prometheus' text format at {@code GET /metrics}. Thread-safe. */
final class SchedulerMetrics implements AutoCloseable {

    /** <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">Version 0.0.4</a>. */
    private static final String FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<AutoCloseable> binders = new ArrayList<>();

    SchedulerMetrics(KafkaStreams streams, RestoreProgress restore, StandbyProgress standby, DeadTransactions dead) {
        List.of(
                        new JvmMemoryMetrics(),
                        new JvmGcMetrics(),
                        new JvmThreadMetrics(),
                        new ProcessorMetrics(),
                        new UptimeMetrics(),
                        new FileDescriptorMetrics(),
                        new KafkaStreamsMetrics(streams))
                .forEach(this::bind);
        FunctionCounter.builder("toolpost.scheduler.restored", restore, RestoreProgress::restored)
                .description("Records read back into stores")
                .register(registry);
        Gauge.builder("toolpost.scheduler.standby.copies", standby, StandbyProgress::copies)
                .description("Partitions of other instances' stores that are copied here")
                .register(registry);
        Gauge.builder("toolpost.scheduler.standby.behind", standby, StandbyProgress::behind)
                .description("Records by which these copies are behind")
                .register(registry);
        FunctionCounter.builder("toolpost.scheduler.standby.copied", standby, StandbyProgress::copied)
                .description("Records copied")
                .register(registry);
        FunctionCounter.builder("toolpost.scheduler.dead.transactions", dead, DeadTransactions::ended)
                .description("Open transactions of schedulers that died, ended by this one")
                .register(registry);
        Gauge.builder(
                        "toolpost.scheduler.restoring",
                        restore,
                        each -> each.underWay().size())
                .description("Partitions of stores that are being restored")
                .register(registry);
        Gauge.builder("toolpost.scheduler.restore.left", restore, RestoreProgress::left)
                .description("Records of these that are still to be read, at most")
                .register(registry);
        Gauge.builder("toolpost.scheduler.running", streams, each -> each.state() == KafkaStreams.State.RUNNING ? 1 : 0)
                .description("1 while all that this instance owns is at work")
                .register(registry);
    }

    MeterRegistry registry() {
        return registry;
    }

    void addTo(Router router) {
        router.get("/metrics", request -> Answer.text(FORMAT, registry.scrape()));
    }

    private void bind(MeterBinder binder) {
        binder.bindTo(registry);
        if (binder instanceof AutoCloseable closeable) {
            binders.add(closeable);
        }
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
