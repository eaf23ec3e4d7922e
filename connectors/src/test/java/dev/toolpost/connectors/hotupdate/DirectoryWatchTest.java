package dev.toolpost.connectors.hotupdate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ToolRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryWatchTest {
    @TempDir
    private Path directory;

    private long nanos = 1;
    private String poolProblem;
    private LiveCatalogue live;
    private DirectoryWatch watch;

    @BeforeEach
    void begin() {
        live = LiveCatalogue.load(List.of(directory), List.of("hubspot"), InstantSource.system());
        watch = new DirectoryWatch(
                List.of(directory), live, pool -> pool.equals("common") ? null : poolProblem, () -> nanos);
    }

    /** As many looks as a change needs to be noticed and to have been quiet. */
    private void looks() throws InterruptedException {
        watch.scan();
        nanos += DirectoryWatch.QUIET.toNanos();
        watch.scan();
    }

    private void write(String file, String text) throws IOException {
        Path path = directory.resolve(file);
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        Files.writeString(path, text);
    }

    private String description(String tool) {
        ToolRef ref = live.current().byTool(tool);
        return ref == null ? "none" : ref.tool().description().replaceAll(".*known\\. ", "");
    }

    private List<String> problems() {
        return live.status().refusals().stream()
                .flatMap(refusal -> refusal.problems().stream())
                .toList();
    }

    @Test
    void aFileThatComesChangesAndGoesTakesEffectEachTime() throws Exception {
        assertThat(description("acme_get_thing")).isEqualTo("none");
        write("acme/connector.yaml", Acme.yaml("acme", "First."));
        looks();
        assertThat(description("acme_get_thing")).isEqualTo("First.");

        ConnectorCatalogue before = live.current();
        write("acme/connector.yaml", Acme.yaml("acme", "Second."));
        looks();
        assertThat(description("acme_get_thing")).isEqualTo("Second.");
        assertThat(Objects.requireNonNull(before.byTool("acme_get_thing"))
                        .tool()
                        .description())
                .endsWith("First.");

        Files.delete(directory.resolve("acme/connector.yaml"));
        looks();
        assertThat(description("acme_get_thing")).isEqualTo("none");
        assertThat(live.status().changes()).isEqualTo(3);
        assertThat(live.current().byVendor("hubspot")).isNull();
    }

    @Test
    void aBrokenFileIsRefusedAndTheDefinitionBeforeItStaysInForce() throws Exception {
        write("acme.yaml", Acme.yaml("acme", "First."));
        looks();
        write("acme.yaml", Acme.yaml("acme", "Second.").replace("effect: read", "effect: reed"));
        looks();

        assertThat(description("acme_get_thing")).isEqualTo("First.");
        assertThat(problems()).singleElement().asString().contains("acme.yaml:12:13: error:", "reed");

        write("acme.yaml", Acme.yaml("acme", "Third."));
        looks();
        assertThat(description("acme_get_thing")).isEqualTo("Third.");
        assertThat(problems()).isEmpty();
        assertThat(live.status().refused()).isEqualTo(1);
    }

    @Test
    void anExpressionThatWouldFillTheMemoryIsRefusedAndTheOthersAreStillWatched() throws Exception {
        write("acme.yaml", Acme.yaml("acme", "First."));
        looks();
        write(
                "acme.yaml",
                Acme.yaml("acme", "Second.")
                        .replace(
                                "tools:\n",
                                "errors: { rules: [ { when: { status: 400, body: { /m: { matches:"
                                        + " \"(((a{1,1000}){1,1000}){1,1000})\" } } }, means: THROTTLED } ] }\ntools:\n"));
        write("other.yaml", Acme.yaml("other", "Other."));
        looks();

        assertThat(problems()).singleElement().asString().contains("acme.yaml:", "compiles to more than 2,000");
        assertThat(description("acme_get_thing")).isEqualTo("First.");
        assertThat(description("other_get_thing")).isEqualTo("Other.");
    }

    @Test
    void aFileWhoseCheckBreaksIsRefusedAndTheOthersAreStillWatched() throws Exception {
        DirectoryWatch breaking = new DirectoryWatch(
                List.of(directory),
                live,
                pool -> {
                    if (pool.equals("deep")) {
                        throw new StackOverflowError();
                    }
                    return null;
                },
                () -> nanos);
        write("acme.yaml", Acme.yaml("acme", "First.") + "pool: deep\n");
        write("other.yaml", Acme.yaml("other", "Other."));
        breaking.scan();
        nanos += DirectoryWatch.QUIET.toNanos();
        breaking.scan();

        assertThat(problems()).singleElement().asString().contains("acme.yaml cannot be checked", "StackOverflowError");
        assertThat(description("other_get_thing")).isEqualTo("Other.");
    }

    @Test
    void aFileThatIsBeingWrittenIsNotReadInHalf() throws Exception {
        String whole = Acme.yaml("acme", "Whole.");
        String half = whole.substring(0, whole.indexOf("    request:"));
        write("acme.yaml", half);
        watch.scan();
        nanos += DirectoryWatch.QUIET.toNanos() / 2;
        watch.scan();
        write("acme.yaml", whole);
        nanos += DirectoryWatch.QUIET.toNanos();
        watch.scan();
        assertThat(live.status().changes() + live.status().refused()).isZero();

        nanos += DirectoryWatch.QUIET.toNanos();
        watch.scan();
        assertThat(description("acme_get_thing")).isEqualTo("Whole.");
    }

    @Test
    void anEditorThatReplacesTheFileNeverTakesTheVendorAway() throws Exception {
        write("acme.yaml", Acme.yaml("acme", "First."));
        looks();
        Files.move(directory.resolve("acme.yaml"), directory.resolve("acme.yaml~"));
        watch.scan();
        assertThat(description("acme_get_thing")).isEqualTo("First.");

        write(".acme.yaml.swp.yaml", "not: a connector");
        write("acme.yaml.new", Acme.yaml("acme", "Second."));
        Files.move(directory.resolve("acme.yaml.new"), directory.resolve("acme.yaml"), StandardCopyOption.ATOMIC_MOVE);
        looks();
        assertThat(description("acme_get_thing")).isEqualTo("Second.");
        assertThat(problems()).isEmpty();
    }

    @Test
    void aVendorWithAPoolThatHasNoTopicsIsRefusedUntilItHas() throws Exception {
        poolProblem = "topic toolpost.calls.own does not exist";
        write("acme.yaml", Acme.yaml("acme", "Own.") + "pool: own\n");
        looks();
        assertThat(description("acme_get_thing")).isEqualTo("none");
        assertThat(problems()).containsExactly("topic toolpost.calls.own does not exist");

        poolProblem = null;
        nanos += DirectoryWatch.AGAIN.toNanos();
        watch.scan();
        assertThat(description("acme_get_thing")).isEqualTo("Own.");
        assertThat(problems()).isEmpty();
    }

    @Test
    void twoVendorsCannotHaveTheSameTool() throws Exception {
        write("acme.yaml", Acme.yaml("acme_get", "First.").replace("  get_thing:", "  thing:"));
        looks();
        write("other.yaml", Acme.yaml("acme", "Second."));
        looks();

        assertThat(description("acme_get_thing")).isEqualTo("First.");
        assertThat(problems()).singleElement().asString().contains("acme_get_thing", "acme and acme_get");
    }

    @Test
    void whileTheDirectoryCannotBeReadItsConnectorsStay() throws Exception {
        write("acme.yaml", Acme.yaml("acme", "First."));
        looks();
        Path away = directory.resolveSibling(directory.getFileName() + "-away");
        Files.move(directory, away);
        try {
            looks();
            looks();
            assertThat(description("acme_get_thing")).isEqualTo("First.");
            assertThat(problems()).singleElement().asString().contains("cannot be read");
        } finally {
            Files.move(away, directory);
        }
        looks();
        assertThat(description("acme_get_thing")).isEqualTo("First.");
        assertThat(problems()).isEmpty();
    }

    @Test
    void aBundledVendorComesBackWhenTheFileInItsPlaceGoes() throws Exception {
        write("jira.yaml", Acme.yaml("jira", "Mine."));
        looks();
        assertThat(live.current().byTool("jira_get_thing"))
                .as("its calls' journal is that of its pool")
                .isNull();

        write("jira.yaml", "pool: jira\n" + Acme.yaml("jira", "Mine."));
        looks();
        assertThat(description("jira_get_thing")).isEqualTo("Mine.");
        assertThat(live.current().byTool("jira_get_issue")).isNull();

        Files.delete(directory.resolve("jira.yaml"));
        looks();
        assertThat(live.current().byTool("jira_get_issue")).isNotNull();
    }

    @Test
    void aStartWithABrokenFileServesTheRestAndShowsTheFile() throws Exception {
        write("acme.yaml", Acme.yaml("acme", "First."));
        write("broken.yaml", Acme.yaml("broken", "No.").replace("effect: read", "effect: reed"));
        Files.write(directory.resolve("latin.yaml"), new byte[] {'v', '\n', 'x', (byte) 0xE9, '\n'});
        begin();

        assertThat(description("acme_get_thing")).isEqualTo("First.");
        assertThat(live.current().byVendor("broken")).isNull();
        assertThat(problems())
                .anySatisfy(each -> assertThat(each).contains("broken.yaml:12:13: error:", "reed"))
                .anySatisfy(each -> assertThat(each).contains("latin.yaml:2:2: error: not UTF-8", "E9", "offset 3"))
                .hasSize(2);

        write("broken.yaml", Acme.yaml("broken", "Mended."));
        Files.delete(directory.resolve("latin.yaml"));
        looks();
        assertThat(description("broken_get_thing")).isEqualTo("Mended.");
        assertThat(problems()).isEmpty();
    }

    @Test
    void ofTwoFilesOfAVendorTheSecondIsRefusedUntilTheFirstGoes() throws Exception {
        write("a.yaml", Acme.yaml("acme", "First."));
        write("b.yaml", Acme.yaml("acme", "Second."));
        begin();

        assertThat(description("acme_get_thing")).isEqualTo("First.");
        assertThat(problems()).singleElement().asString().contains("a.yaml", "b.yaml", "the vendor acme");
        looks();
        assertThat(description("acme_get_thing")).isEqualTo("First.");

        Files.delete(directory.resolve("a.yaml"));
        looks();
        watch.scan();
        assertThat(description("acme_get_thing")).isEqualTo("Second.");
        assertThat(problems()).isEmpty();
    }

    @Test
    void aFileThatIsRenamedKeepsItsVendor() throws Exception {
        write("a.yaml", Acme.yaml("acme", "First."));
        begin();
        Files.move(directory.resolve("a.yaml"), directory.resolve("b.yaml"));
        for (int i = 0; i < 4; i++) {
            watch.scan();
            nanos += DirectoryWatch.QUIET.toNanos();
            assertThat(description("acme_get_thing")).isEqualTo("First.");
        }
        assertThat(problems()).isEmpty();
    }
}
