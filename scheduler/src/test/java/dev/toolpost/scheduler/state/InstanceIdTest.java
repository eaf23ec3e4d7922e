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
    void aDirectoryKeepsItsNameAndAnotherHasAnother() throws Exception {
        String first = InstanceId.of(directory.resolve("one"));
        assertThat(InstanceId.of(directory.resolve("one"))).isEqualTo(first);
        assertThat(InstanceId.of(directory.resolve("other"))).isNotEqualTo(first);
    }

    @Test
    void whatIsNoNameIsReplaced() throws Exception {
        Files.writeString(directory.resolve("instance-id"), "");
        assertThat(InstanceId.of(directory)).isNotBlank().isEqualTo(InstanceId.of(directory));
    }
}
