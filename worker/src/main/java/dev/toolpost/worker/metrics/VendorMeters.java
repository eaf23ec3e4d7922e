package dev.toolpost.worker.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What is counted with every request to a vendor. Thread-safe, without a lock. */
public final class VendorMeters {

    /** In place of the limit's name where a throttle paused everything of its connection. */
    public static final String ALL_LIMITS = "(all)";

    private static final Duration[] TIMES = {
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30)
    };

    private final MeterRegistry registry;
    private final String vendor;
    private final Map<String, Timer> requests = new ConcurrentHashMap<>();
    private final Map<String, Counter> throttles = new ConcurrentHashMap<>();
    private final Map<String, Counter> corrections = new ConcurrentHashMap<>();

    VendorMeters(MeterRegistry registry, String vendor) {
        this.registry = registry;
        this.vendor = vendor;
    }

    /**
     * A request has ended.
     *
     * @param status its class, such as {@code 2xx}, or what there was instead of an answer
     */
    public void request(String status, Duration took) {
        Timer timer = requests.get(status);
        (timer == null ? requests.computeIfAbsent(status, this::newTimer) : timer).record(took);
    }

    /** The vendor asked for patience with a limit, or with {@link #ALL_LIMITS}. */
    public void throttled(String limit) {
        throttles
                .computeIfAbsent(
                        limit, name -> counter("toolpost.limit.throttles", "Answers that asked for patience", name))
                .increment();
    }

    /** An answer lowered what is left of a limit, or changed what the vendor allows. */
    public void corrected(String limit) {
        corrections
                .computeIfAbsent(
                        limit, name -> counter("toolpost.limit.corrections", "Answers that corrected a limit", name))
                .increment();
    }

    private Timer newTimer(String status) {
        return Timer.builder("toolpost.vendor.request")
                .description("Requests to vendors, from the moment they were wanted to their end")
                .tags("vendor", vendor, "status", status)
                .serviceLevelObjectives(TIMES)
                .register(registry);
    }

    private Counter counter(String name, String description, String limit) {
        return Counter.builder(name)
                .description(description)
                .tags("vendor", vendor, "limit", limit)
                .register(registry);
    }
}
