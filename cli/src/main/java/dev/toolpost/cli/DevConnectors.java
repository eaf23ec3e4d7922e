package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What {@code dev} has for connectors of one's own: a directory that is watched, and a key that signs what is published. */
final class DevConnectors {
    private DevConnectors() {}

    /**
     * Makes directory and key where no others are configured.
     *
     * @return the settings that name them
     */
    static Map<String, String> prepare(DevHome home, @Nullable Path base, Map<String, String> environment) {
        ToolpostConfig.Connectors chosen =
                ToolpostConfig.dev(base, environment, Map.of()).connectors();
        Map<String, String> settings = new TreeMap<>();
        try {
            if (chosen.directories().isEmpty()) {
                Files.createDirectories(home.connectors());
                settings.put("connectors.directories", home.connectors().toString());
            }
            if (chosen.trustedKeys().isEmpty()) {
                settings.put(
                        "connectors.trusted_keys",
                        SigningKeyFile.readOrMake(home.signingKey()).publicKey());
                settings.put("connectors.signing_key_file", home.signingKey().toString());
            }
        } catch (IOException e) {
            throw CliException.usage(
                    "the directory " + home.directory() + " cannot be used: " + e,
                    "Choose another that this user may write: --data DIRECTORY",
                    e);
        }
        return settings;
    }
}
