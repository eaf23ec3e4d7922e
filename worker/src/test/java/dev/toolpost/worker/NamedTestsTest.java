package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the documents promise names its tests; they must be there. */
class NamedTestsTest {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern NAMED = Pattern.compile("`([A-Z][A-Za-z0-9]*Test)(?:\\.([a-z][A-Za-z0-9]*))?`");

    @ParameterizedTest
    @ValueSource(strings = {"docs/delivery.md", "docs/trust.md", "docs/connectors.md"})
    void everyTestThatADocumentNamesExists(String document) throws IOException {
        Map<String, String> sources = testSources();
        List<String> missing = new ArrayList<>();
        Matcher named = NAMED.matcher(Files.readString(ROOT.resolve(document)));
        int count = 0;
        while (named.find()) {
            count++;
            String source = sources.get(named.group(1));
            if (source == null || (named.group(2) != null && !source.contains("void " + named.group(2) + "("))) {
                missing.add(named.group());
            }
        }
        assertThat(missing)
                .as("tests that %s names and no source has", document)
                .isEmpty();
        assertThat(count).as("tests that %s names", document).isGreaterThan(10);
    }

    @Test
    void everySentenceAboutDeliveryNamesATest() throws IOException {
        List<String> bare = Files.readString(ROOT.resolve("docs/delivery.md"))
                .lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| sentence"))
                .filter(line -> !NAMED.matcher(line).find())
                .toList();
        assertThat(bare).isEmpty();
    }

    private static Map<String, String> testSources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (String module : List.of("schemas", "connectors", "client", "worker", "scheduler", "sandbox", "cli")) {
            Path tests = ROOT.resolve(module).resolve("src/test/java");
            try (Stream<Path> files = Files.walk(tests)) {
                for (Path file : files.filter(each -> each.toString().endsWith("Test.java"))
                        .toList()) {
                    String name = file.getFileName().toString();
                    sources.put(name.substring(0, name.length() - 5), Files.readString(file));
                }
            }
        }
        return sources;
    }
}
