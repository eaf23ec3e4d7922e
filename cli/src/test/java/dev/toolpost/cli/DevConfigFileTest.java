package dev.toolpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.worker.config.ToolpostConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevConfigFileTest {
    @Test
    void otherCommandsReadTheSameSettings(@TempDir Path directory) throws Exception {
        DevHome home = new DevHome(directory.resolve("it's here"));
        Files.createDirectories(home.directory());
        Files.writeString(home.cursorKeys(), "local:" + Base64.getEncoder().encodeToString(new byte[32]) + "\n");
        ToolpostConfig config = ToolpostConfig.dev(
                null,
                Map.of(),
                Map.of(
                        "kafka.bootstrap.servers", "127.0.0.1:9092",
                        "kafka.client.rack", "a 'b'",
                        "schema_registry.url", "http://127.0.0.1:8081",
                        "connectors.directories", directory.toString(),
                        "credentials.file", home.credentials().toString(),
                        "credentials.key_file", home.credentialsKey().toString(),
                        "cursor_key_file", home.cursorKeys().toString()));

        DevConfigFile.write(home, config);
        ToolpostConfig read = ToolpostConfig.load(home.config(), Map.of());

        assertThat(read)
                .usingRecursiveComparison()
                .ignoringFields("topics.replyPattern", "cursorKeys", "scheduler.httpPort", "scheduler.stateDirectory")
                .isEqualTo(config);
        assertThat(read.topics().replyPattern().pattern())
                .isEqualTo(config.topics().replyPattern().pattern());
        assertThat(read.cursorKeys()).hasSize(1);
    }

    @Test
    void nearestConfigIsThatOfTheDirectoryOrOneAbove(@TempDir Path directory) throws Exception {
        DevHome home = new DevHome(directory.resolve(DevHome.USUAL));
        Path below = Files.createDirectories(directory.resolve("a/b"));
        assertThat(DevHome.nearestConfig(below)).isNotEqualTo(home.config());

        Files.createDirectories(home.directory());
        Files.writeString(home.config(), "");

        assertThat(DevHome.nearestConfig(below)).isEqualTo(home.config());
        assertThat(DevHome.nearestConfig(directory)).isEqualTo(home.config());
    }
}
