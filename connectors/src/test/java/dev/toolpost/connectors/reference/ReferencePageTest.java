package dev.toolpost.connectors.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReferencePageTest {
    private static final Path PAGES = Path.of("../docs/connectors");

    @Test
    void thePagesOfTheCatalogueAreCurrent() throws IOException {
        Collection<Connector> all = ConnectorCatalogue.bundled().connectors().values();
        for (Connector connector : all) {
            assertIsCurrent(connector.vendor() + ".md", ReferencePage.of(connector));
        }
        assertIsCurrent("README.md", ReferencePage.index(all));
        try (Stream<Path> pages = Files.list(PAGES)) {
            List<String> names =
                    pages.map(page -> page.getFileName().toString()).toList();
            assertThat(names).hasSize(all.size() + 1);
        }
    }

    private static void assertIsCurrent(String page, String expected) throws IOException {
        Path file = PAGES.resolve(page);
        assertThat(Files.exists(file) ? Files.readString(file) : "")
                .as("%s: ./toolpost connectors docs --out docs/connectors writes it anew", file)
                .isEqualTo(expected);
    }
}
