package dev.toolpost.cli;

import dev.toolpost.connectors.ConnectorFiles;
import dev.toolpost.connectors.skeleton.ConnectorSkeleton;
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
        List<Path> directories = common.load().connectors().directories();
        Path file = out != null
                ? out
                : (directories.isEmpty() ? Path.of("") : directories.getFirst())
                        .resolve(vendor)
                        .resolve(ConnectorFiles.NAME);
        NewFile.write(file, text);
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
}
