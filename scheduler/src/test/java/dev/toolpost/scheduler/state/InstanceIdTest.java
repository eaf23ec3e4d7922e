package dev.toolpost.scheduler.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The name of the instance that works on a directory. */
class InstanceIdTest {

    @TempDir
    Path directory;

    @Test
    void whoComesBackToItsDirectoryIsKnownAgain() throws Exception {
        String first = InstanceId.of(directory.resolve("one"), "here:1", "a --> b");
        assertThat(first).hasSize(45).matches("[0-9a-f-]+");
        assertThat(InstanceId.of(directory.resolve("one"), "here:1", "a --> b")).isEqualTo(first);
    }

    @Test
    void anotherDirectoryAddressOrTopologyIsAnother() throws Exception {
        String first = InstanceId.of(directory.resolve("one"), "here:1", "a --> b");
        assertThat(InstanceId.of(directory.resolve("other"), "here:1", "a --> b"))
                .isNotEqualTo(first);
        assertThat(InstanceId.of(directory.resolve("one"), "here:2", "a --> b")).isNotEqualTo(first);
        assertThat(InstanceId.of(directory.resolve("one"), "here:1", "a --> c")).isNotEqualTo(first);
    }

    @Test
    void whatIsNoNameIsReplaced() throws Exception {
        Files.writeString(directory.resolve("instance-id"), "");
        String first = InstanceId.of(directory, "here:1", "a");
        assertThat(InstanceId.of(directory, "here:1", "a")).isEqualTo(first);
    }
}
