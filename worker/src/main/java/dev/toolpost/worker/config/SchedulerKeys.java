package dev.toolpost.worker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads {@code scheduler.*}. */
final class SchedulerKeys {
    private static final String BELOW = "scheduler.";

    private final Settings settings;
    private final Function<String, Path> resolve;

    SchedulerKeys(Settings settings, Function<String, Path> resolve) {
        this.settings = settings;
        this.resolve = resolve;
    }

    /**
     * The scheduler's part of the configuration.
     *
     * @param prefix of all topics
     * @param home where state is kept that has no other place
     */
    ToolpostConfig.Scheduler read(String prefix, Path home) {
        return new ToolpostConfig.Scheduler(
                applicationId(prefix),
                resolve.apply(settings.text(BELOW + "state_directory", home.resolve("scheduler") + "")),
                settings.number(BELOW + "threads", 2, 1, 64),
                settings.number(BELOW + "standby_replicas", 0, 0, 5),
                settings.text(BELOW + "http_bind", "127.0.0.1"),
                settings.number(BELOW + "http_port", 8079, 0, 65_535),
                advertisedAddress(),
                settings.duration(BELOW + "commit_interval", "50ms", "5ms", "10s"),
                settings.duration(BELOW + "session_timeout", "6s", "1s", "5m"),
                settings.duration(BELOW + "transaction_timeout", "10s", "1s", "1m"),
                memory(),
                jobs());
    }

    private String applicationId(String prefix) {
        String usual = prefix + "scheduler";
        String id = settings.text(BELOW + "application_id", usual);
        if (!id.equals(usual) && !id.matches("[a-zA-Z0-9._-]{1,100}")) {
            settings.wrong(BELOW + "application_id", id, "1 to 100 letters, digits, dots, underscores and hyphens");
        }
        return id;
    }

    private @Nullable String advertisedAddress() {
        String address = settings.optionalText(BELOW + "advertised_address");
        if (address != null && !address.matches("(\\[[0-9a-fA-F:.]+]|[^\\s/:@]+):[1-9][0-9]{0,4}")) {
            settings.wrong(
                    BELOW + "advertised_address", address, "a host and a port, such as scheduler-1.internal:8079");
        }
        return address;
    }

    private ToolpostConfig.SchedulerMemory memory() {
        DataSize blockCache = settings.size(BELOW + "block_cache", "128MiB", "8MiB", "64GiB");
        DataSize writeBuffers = settings.size(BELOW + "write_buffers", "64MiB", "4MiB", "64GiB");
        if (writeBuffers.compareTo(blockCache) > 0) {
            settings.wrong(
                    BELOW + "write_buffers",
                    writeBuffers.toString(),
                    "at most scheduler.block_cache, " + blockCache + ", of which they are a part");
        }
        return new ToolpostConfig.SchedulerMemory(blockCache, writeBuffers);
    }

    private ToolpostConfig.Jobs jobs() {
        Duration deadlineMax = settings.duration(BELOW + "job_deadline_max", "30d", "1m", "365d");
        Duration usual = Duration.ofDays(7);
        return new ToolpostConfig.Jobs(
                settings.number(BELOW + "parts_per_job", 8, 1, 256),
                settings.number(BELOW + "parts_per_connection", 4, 1, 1_000),
                settings.number(BELOW + "parts_per_vendor", 64, 1, 100_000),
                settings.number(BELOW + "part_attempts", 5, 1, 100),
                settings.duration(BELOW + "part_retry_after", "5s", "10ms", "1h"),
                settings.duration(
                        BELOW + "job_deadline",
                        Durations.text(usual.compareTo(deadlineMax) < 0 ? usual : deadlineMax),
                        "1m",
                        Durations.text(deadlineMax)),
                deadlineMax,
                settings.duration(BELOW + "job_retention", "30d", "1m", "365d"));
    }
}
