package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the scheduler is asked. */
final class SchedulerAddress {
    @Option(
            names = "--scheduler",
            paramLabel = "URL",
            description =
                    "HTTP endpoint of a scheduler, whichever, such as http://127.0.0.1:8079. Default: that of `toolpost dev`,"
                            + " else scheduler.http_bind and http_port of the configuration.")
    private @Nullable String scheduler;

    SchedulerApi api(CommonOptions common, ToolpostConfig config) {
        if (scheduler != null) {
            String url = scheduler.contains("://") ? scheduler : "http://" + scheduler;
            if (!url.matches("https?://[^\\s/?#@]+/?")) {
                throw CliException.usage(
                        "--scheduler " + scheduler
                                + " (expected: a scheduler's HTTP endpoint, such as http://127.0.0.1:8079)",
                        "");
            }
            return new SchedulerApi(URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url));
        }
        Path file = common.configFile();
        URI dev = file == null ? null : DevHome.schedulerBeside(file);
        return new SchedulerApi(
                dev != null
                        ? dev
                        : URI.create("http://" + host(config.scheduler().httpBind()) + ":"
                                + config.scheduler().httpPort()));
    }

    /** Where a scheduler that binds to this address is asked from the same machine. */
    private static String host(String bind) {
        try {
            if (InetAddress.getByName(bind).isAnyLocalAddress()) {
                return "127.0.0.1";
            }
        } catch (UnknownHostException unknown) {
            return bind;
        }
        return bind.contains(":") ? "[" + bind + "]" : bind;
    }
}
