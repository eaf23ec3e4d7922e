package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VendorNeutralTest {
    @Test
    void noLineOfCodeNamesAVendor() throws Exception {
        ConnectorCatalogue catalogue = ConnectorCatalogue.bundled();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            List<Path> sources =
                    files.filter(file -> file.toString().endsWith(".java")).toList();

            assertThat(sources).isNotEmpty();
            for (Path source : sources) {
                String code = Files.readString(source).toLowerCase(Locale.ROOT);
                assertThat(catalogue.connectors().keySet())
                        .as(source.toString())
                        .noneMatch(code::contains);
            }
        }
    }
}
