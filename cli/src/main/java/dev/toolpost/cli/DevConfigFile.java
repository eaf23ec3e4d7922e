package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The configuration file that {@code dev} leaves for the other commands: everything that a client or another worker needs. */
final class DevConfigFile {
    private final StringBuilder yaml = new StringBuilder();

    private DevConfigFile() {}

    /** Writes it as a whole or not at all. */
    static void write(DevHome home, ToolpostConfig config) {
        String text = text(home, config);
        try {
            Path next = home.config().resolveSibling(home.config().getFileName() + ".next");
            Files.writeString(next, text);
            Files.move(next, home.config(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("the configuration file " + home.config() + " cannot be written", e);
        }
    }

    static String text(DevHome home, ToolpostConfig config) {
        DevConfigFile file = new DevConfigFile();
        file.yaml
                .append(
                        "# Written by `toolpost dev` at every start. Commands in this directory and below use it by themselves;\n")
                .append("# elsewhere: export TOOLPOST_CONFIG=")
                .append(home.config())
                .append('\n');
        file.put("prefix", config.prefix());
        if (config.authorization() != null) {
            file.put("authorization", config.authorization().name().toLowerCase(Locale.ROOT));
        }
        if (config.defaultTenant() != null) {
            file.put("default_tenant", config.defaultTenant());
        }
        for (Map.Entry<String, String> kafka : config.kafka().properties().entrySet()) {
            file.put("kafka." + kafka.getKey(), kafka.getValue());
        }
        ToolpostConfig.Registry registry = config.schemaRegistry();
        if (registry != null) {
            file.put(
                    "schema_registry.url",
                    registry.urls().stream().map(Object::toString).collect(Collectors.joining(",")));
        }
        file.put("pools", config.pools());
        file.put(
                "connectors.directories",
                config.connectors().directories().stream()
                        .map(directory -> directory.toAbsolutePath().normalize().toString())
                        .toList());
        file.put("connectors.disabled", config.connectors().disabled());
        file.put("connectors.trusted_keys", config.connectors().trustedKeys().encoded());
        Path signingKey = config.connectors().signingKeyFile();
        if (signingKey != null) {
            file.put("connectors.signing_key_file", signingKey.toAbsolutePath().toString());
        }
        file.put(
                "credentials.file", config.credentials().file().toAbsolutePath().toString());
        file.put(
                "credentials.key_file",
                config.credentials().keyFile().toAbsolutePath().toString());
        file.put("topics.partitions", Integer.toString(config.topics().partitions()));
        file.put("topics.replication", Short.toString(config.topics().replication()));
        file.put("topics.reply_pattern", config.topics().replyPattern().pattern());
        file.put("http.allow_addresses", config.http().allowAddresses());
        file.put("cursor_key_file", home.cursorKeys().toString());
        // Of a second scheduler beside that of dev, which has directory and port for itself.
        file.put("scheduler.application_id", config.scheduler().applicationId());
        file.put("scheduler.state_directory", home.secondScheduler().toString());
        file.put("scheduler.http_port", "0");
        return file.yaml.toString();
    }

    private void put(String key, String value) {
        yaml.append(key).append(": ").append(quoted(value)).append('\n');
    }

    private void put(String key, List<String> values) {
        if (!values.isEmpty()) {
            yaml.append(key)
                    .append(": [")
                    .append(values.stream().map(DevConfigFile::quoted).collect(Collectors.joining(", ")))
                    .append("]\n");
        }
    }

    private static String quoted(String value) {
        return "'" + value.replace("'", "''") + "'";
    }
}
