package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that every command has, and the configuration that follows from them. */
final class CommonOptions {
    /** What a command prints on standard output. */
    enum Output {
        TEXT,
        JSON
    }

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "Configuration file. Without it: $TOOLPOST_CONFIG, or that of `toolpost dev` in this directory or"
                            + " one above (.toolpost/dev/toolpost.yaml).")
    private @Nullable Path config;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "Kafka's brokers, several separated by commas. Default: as configured, else localhost:9092.")
    private @Nullable String bootstrap;

    @Option(
            names = "--output",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "What to print on standard output. Default: text.")
    private Output output = Output.TEXT;

    @Option(names = "--verbose", description = "Show stack traces of errors, and why published connectors are refused.")
    private boolean verbose;

    @SuppressWarnings("UnusedVariable") // picocli acts on it
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    boolean json() {
        return output == Output.JSON;
    }

    boolean verbose() {
        return verbose;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Where the configuration comes from; null where there is no file. */
    @Nullable
    Path configFile() {
        if (config != null) {
            return config;
        }
        String named = System.getenv("TOOLPOST_CONFIG");
        if (named != null && !named.isBlank()) {
            return Path.of(named);
        }
        return DevHome.nearestConfig(Path.of(""));
    }

    /** The file that was named by option or environment, not the one that lies about; null where none was. */
    @Nullable
    Path namedConfigFile() {
        String named = System.getenv("TOOLPOST_CONFIG");
        return config != null || named == null || named.isBlank() ? config : Path.of(named);
    }

    /** The configuration: file, environment, options. */
    ToolpostConfig load() {
        return ToolpostConfig.load(configFile(), System.getenv(), options());
    }

    /** What options of the command line say, by configuration key. */
    Map<String, String> options() {
        Map<String, String> options = new TreeMap<>();
        if (bootstrap != null) {
            options.put("kafka.bootstrap.servers", bootstrap);
        }
        return options;
    }
}
