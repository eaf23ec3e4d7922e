package dev.toolpost.cli;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ConnectorFiles;
import dev.toolpost.connectors.skeleton.ConnectorSkeleton;
import dev.toolpost.worker.config.ToolpostConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code connectors new}: the beginning of a connector. */
@Command(
        name = "new",
        description =
                "Writes the beginning of a connector, with comments: a read, a list and a write to be replaced by the"
                        + " vendor's own. It is valid as it stands and asks nothing.")
final class ConnectorsNew implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "VENDOR", description = "The vendor's id: lower case letters, digits and underscores.")
    private String vendor = "";

    @Option(
            names = "--base-url",
            paramLabel = "URL",
            description = "Where the API is. Default: https://api.VENDOR.example.")
    private @Nullable String baseUrl;

    @Option(
            names = "--auth",
            paramLabel = "KIND",
            defaultValue = "bearer",
            description =
                    "How connections authenticate: bearer (default), api_key_header, api_key_query, basic, oauth2, none.")
    private String auth = "bearer";

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The new file; - for standard output. Default: VENDOR/connector.yaml in the first of"
                    + " connectors.directories, else here.")
    private @Nullable Path out;

    @Option(
            names = "--replace",
            description = "Begin a connector in the place of the one of this vendor that comes with Toolpost.")
    private boolean replace;

    @Override
    public Integer call() {
        String text;
        try {
            text = ConnectorSkeleton.of(
                    vendor, baseUrl == null ? "https://api." + vendor.replace('_', '-') + ".example" : baseUrl, auth);
        } catch (IllegalArgumentException wrong) {
            throw CliException.usage(String.valueOf(wrong.getMessage()), "", wrong);
        }
        if (out != null && out.toString().equals("-")) {
            common.out().print(text);
            return ExitCode.OK;
        }
        ToolpostConfig config = common.load();
        List<Path> directories = config.connectors().directories();
        Path file = out != null
                ? out
                : (directories.isEmpty() ? Path.of("") : directories.getFirst())
                        .resolve(vendor)
                        .resolve(ConnectorFiles.NAME);
        Connector bundled = ConnectorCatalogue.bundled().byVendor(vendor);
        requireFree(KnownConnectors.ofFiles(common, config).fileOf(vendor), file, bundled);
        NewFile.write(file, bundled == null ? text : withPool(text, bundled.pool()));
        if (common.json()) {
            common.out().println(Json.print(Json.object().put("vendor", vendor).put("file", file.toString())));
            return ExitCode.OK;
        }
        common.out().println(file);
        common.err().println("Next: write the vendor's own tools into it, then");
        common.err().println("  toolpost connectors lint " + file);
        common.err().println("  toolpost connectors try " + file + " get_thing --arg id=1 --dry-run");
        return ExitCode.OK;
    }

    /** A file that is watched takes effect at once: nobody should lose a vendor's tools to a skeleton unawares. */
    private void requireFree(@Nullable String other, Path file, @Nullable Connector bundled) {
        if (other != null && !Files.exists(file)) {
            throw CliException.usage(
                    "the vendor " + vendor + " is defined by " + other + " already (expected: a vendor that is not)",
                    "Edit that file, or choose another vendor id.");
        }
        if (bundled != null && !replace) {
            throw CliException.usage(
                    "a connector of " + vendor + " comes with Toolpost ("
                            + bundled.tools().size() + " tools), and this file would take its place",
                    "Choose another vendor id, such as my_" + vendor + "; to begin one in its place add --replace.");
        }
    }

    /** A vendor's pool stays, because the journal of its writes is there. */
    private static String withPool(String text, String pool) {
        return pool.equals(Connector.COMMON_POOL) ? text : text.replaceFirst("(?m)^vendor: .*$", "$0\npool: " + pool);
    }
}
