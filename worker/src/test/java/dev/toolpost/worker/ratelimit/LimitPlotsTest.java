package dev.toolpost.worker.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The images in {@code docs/images} are what the simulation draws today. After a change of the limits they are drawn anew by
 * {@code ./mvnw -pl worker -am test -Dtest=LimitPlotsTest -Dsurefire.failIfNoSpecifiedTests=false -Dtoolpost.plots=write}.
 */
class LimitPlotsTest {

    private static final Path IMAGES =
            Path.of("").toAbsolutePath().getParent().resolve("docs").resolve("images");

    @Test
    void theImagesOfTheDocumentAreWhatTheSimulationDraws() throws IOException {
        boolean write = "write".equals(System.getProperty("toolpost.plots"));
        for (Map.Entry<String, String> image : LimitPlots.all().entrySet()) {
            Path file = IMAGES.resolve(image.getKey());
            if (write) {
                Files.createDirectories(IMAGES);
                Files.writeString(file, image.getValue());
            }
            assertThat(file).exists();
            assertThat(Files.readString(file).replace("\r\n", "\n"))
                    .as("%s; the comment of this class says how it is drawn anew", file)
                    .isEqualTo(image.getValue());
        }
    }

    @Test
    void everyImageIsShown() throws IOException {
        String document = Files.readString(IMAGES.resolveSibling("rate-limits.md"));

        assertThat(LimitPlots.all().keySet())
                .allSatisfy(name -> assertThat(document).contains("(images/" + name + ")"));
    }
}
