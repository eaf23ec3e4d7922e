package dev.toolpost.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A scheduler in a JVM of its own, there to be killed and started again. Thread-safe. */
final class GuestScheduler implements AutoCloseable {
    private final GuestProcess process;
    private final URI uri;
    private final SchedulerApi api;

    private GuestScheduler(GuestProcess process) {
        this.process = process;
        this.uri = URI.create(
                JsonMapper.shared().readTree(process.announcement()).path("url").asString());
        this.api = new SchedulerApi(uri);
    }

    /**
     * Starts it; returns when it answers, which is before it has its state and its share of the work.
     *
     * @param config configuration file, which names the directory of its state
     * @param settings further settings by environment variable
     * @param log where its standard error goes
     */
    static GuestScheduler start(Path config, Map<String, String> settings, Path log) {
        return new GuestScheduler(GuestProcess.start(
                "scheduler",
                List.of("--config", config.toString(), "--output", "json"),
                settings,
                log,
                line -> line.startsWith("{")));
    }

    long pid() {
        return process.pid();
    }

    /** Where it answers; one that is started there again has its place at once. */
    int port() {
        return uri.getPort();
    }

    SchedulerApi api() {
        return api;
    }

    /** SIGKILL; returns when it is gone. */
    void kill() throws InterruptedException {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }
}
