package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectorCatalogueTest {
    @TempDir
    Path directory;

    @Test
    void everyBundledDefinitionPassesTheFullCheckAndTheLinter() throws Exception {
        Path catalogue = Path.of(
                Objects.requireNonNull(getClass().getResource("/catalogue")).toURI());
        try (Stream<Path> files = Files.walk(catalogue)) {
            List<Path> definitions =
                    files.filter(file -> file.endsWith("connector.yaml")).toList();

            assertThat(definitions).isNotEmpty();
            for (Path definition : definitions) {
                assertThat(new ConnectorLinter(new ConnectorLoader())
                                .lint(definition.toString(), Files.readString(definition)))
                        .isEmpty();
                Connector connector = new ConnectorLoader().load(definition);
                assertThat(Objects.requireNonNull(definition.getParent()).getFileName())
                        .hasToString(connector.vendor());
            }
        }
    }

    @Test
    void findsConnectorsOfADirectoryInFilesAndFolders() throws Exception {
        Files.writeString(directory.resolve("acme.yaml"), Definitions.ACME);
        Files.createDirectory(directory.resolve("other"));
        Files.writeString(
                directory.resolve("other/connector.yaml"),
                Definitions.acme("vendor: acme", "vendor: other\npool: slow"));
        Files.writeString(directory.resolve("README.md"), "not a connector");
        Files.createDirectory(directory.resolve("empty"));

        ConnectorCatalogue catalogue = ConnectorCatalogue.load(List.of(directory));

        assertThat(catalogue.connectors()).containsKeys("acme", "hubspot", "other");
        assertThat(catalogue.pools()).containsExactly("common", "hubspot", "jira", "salesforce", "slow");
        ToolRef ref = Objects.requireNonNull(catalogue.byTool("other_get_thing"));
        assertThat(ref.connector().vendor()).isEqualTo("other");
        assertThat(catalogue.byTool("other_nothing")).isNull();
        assertThat(catalogue.nearestTool("hubspot_list_contact")).isEqualTo("hubspot_list_contacts");
        assertThat(catalogue.nearestVendor("hubsport")).isEqualTo("hubspot");
    }

    @Test
    void oneOfYourOwnTakesThePlaceOfABundledOne() throws Exception {
        Files.writeString(directory.resolve("mine.yaml"), Definitions.acme("vendor: acme", "vendor: hubspot"));

        ConnectorCatalogue catalogue = ConnectorCatalogue.load(List.of(directory));

        assertThat(Objects.requireNonNull(catalogue.byVendor("hubspot")).title())
                .isEqualTo("Acme");
        assertThat(catalogue.byTool("hubspot_list_contacts")).isNull();
        assertThat(catalogue.byTool("hubspot_get_thing")).isNotNull();
    }

    @Test
    void listsTheProblemsOfAllFiles() throws Exception {
        Files.writeString(directory.resolve("a.yaml"), "vendor: a");
        Files.writeString(directory.resolve("b.yaml"), "][");

        assertThatThrownBy(() -> ConnectorCatalogue.load(List.of(directory)))
                .hasMessageContaining("a.yaml:1:1: error: the key 'title' is missing")
                .hasMessageContaining("b.yaml:1:1: error: not YAML");
    }

    @Test
    void namesADirectoryThatIsNotThere() {
        assertThatThrownBy(() -> ConnectorCatalogue.load(List.of(directory.resolve("none"))))
                .isInstanceOf(ConnectorException.class)
                .hasMessageContaining("the directory of connectors cannot be read");
    }

    @Test
    void refusesOneToolNameOfTwoVendors() {
        ConnectorLoader loader = new ConnectorLoader();
        Connector acme = loader.load("acme.yaml", Definitions.acme("get_thing:", "x_get:"));
        Connector other = loader.load(
                "other.yaml", Definitions.acme("vendor: acme", "vendor: acme_x").replace("get_thing:", "get:"));

        assertThatThrownBy(() -> ConnectorCatalogue.of(List.of(acme, other)))
                .hasMessage("the tool acme_x_get is defined by the vendors acme and acme_x (expected: one)");
    }

    @Test
    void aChangeMakesAnotherCatalogue() {
        ConnectorCatalogue before = ConnectorCatalogue.bundled();
        ConnectorCatalogue after = before.with(new ConnectorLoader().load("acme.yaml", Definitions.ACME));

        assertThat(before.byVendor("acme")).isNull();
        assertThat(after.byVendor("acme")).isNotNull();
        assertThat(after.byTool("hubspot_get_contact")).isNotNull();
    }

    @Test
    void bundledDefinitionsAreFoundInAJarToo() throws Exception {
        Path classes = Path.of(ConnectorCatalogue.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path jar = directory.resolve("connectors.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(one -> !one.equals(classes)).toList()) {
                String name = classes.relativize(file).toString().replace('\\', '/');
                out.putNextEntry(new JarEntry(Files.isDirectory(file) ? name + "/" : name));
                if (Files.isRegularFile(file)) {
                    Files.copy(file, out);
                }
            }
        }
        try (JarFirst loader = new JarFirst(jar.toUri().toURL(), getClass().getClassLoader())) {
            Object catalogue = loader.loadClass(ConnectorCatalogue.class.getName())
                    .getMethod("bundled")
                    .invoke(null);

            assertThat(catalogue.getClass().getMethod("tools").invoke(catalogue).toString())
                    .contains("hubspot_list_contacts");
            assertThat(catalogue.getClass().getClassLoader()).isSameAs(loader);
        }
    }

    /** Takes this project's classes and resources from the jar alone. */
    private static final class JarFirst extends URLClassLoader {
        JarFirst(URL jar, ClassLoader parent) {
            super(new URL[] {jar}, parent);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("dev.toolpost.connectors.")) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? findClass(name) : loaded;
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            return findResources(name);
        }

        @Override
        public InputStream getResourceAsStream(String name) {
            return Objects.requireNonNull(super.getResourceAsStream(name));
        }
    }
}
