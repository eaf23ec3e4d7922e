package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.ConnectorCatalogue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VendorNeutralTest {
    @Test
    void noLineOfTheWorkersCodeNamesAVendor() throws Exception {
        Pattern vendor = Pattern.compile(
                "\\b("
                        + String.join(
                                "|", ConnectorCatalogue.bundled().connectors().keySet()) + ")\\b",
                Pattern.CASE_INSENSITIVE);
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            List<Path> sources =
                    files.filter(file -> file.toString().endsWith(".java")).toList();

            assertThat(sources).isNotEmpty();
            for (Path source : sources) {
                assertThat(Files.readAllLines(source))
                        .as(source.toString())
                        .noneMatch(line ->
                                vendor.matcher(line.replace("io.github.", "")).find());
            }
        }
    }
}
