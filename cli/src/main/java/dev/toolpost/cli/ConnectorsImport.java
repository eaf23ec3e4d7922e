package dev.toolpost.cli;

import dev.toolpost.connectors.openapi.ImportReport;
import dev.toolpost.connectors.openapi.ImportReport.LeftOut;
import dev.toolpost.connectors.openapi.OpenApiException;
import dev.toolpost.connectors.openapi.OpenApiImport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code connectors import-openapi}: a connector out of an OpenAPI document. */
@Command(
        name = "import-openapi",
        description =
                "Makes a connector of an OpenAPI document (3.0 or 3.1, JSON or YAML). Guesses are marked in the file, and what"
                        + " was left out is reported with the reason. Nothing but the document is read.")
final class ConnectorsImport implements Callable<Integer> {
    private static final int EXAMPLES = 3;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "SPEC", description = "The document's file.")
    private Path spec = Path.of("");

    @Option(
            names = "--include",
            paramLabel = "PATTERN",
            description =
                    "Operations to import; repeat for more. * stands for any text. A path (/things/*), a method and a path"
                            + " (GET /things*), an operation id (things.list*) or a tag (tag:things). Default: all.")
    private List<String> include = new ArrayList<>();

    @Option(names = "--deprecated", description = "Import deprecated operations too.")
    private boolean deprecated;

    @Option(
            names = "--vendor",
            paramLabel = "VENDOR",
            description = "The vendor's id. Default: made of the API's domain or title.")
    private @Nullable String vendor;

    @Option(names = "--out", paramLabel = "FILE", description = "The new connector file. Default: standard output.")
    private @Nullable Path out;

    @Override
    public Integer call() {
        if (vendor != null && !vendor.matches("[a-z][a-z0-9_]{0,30}")) {
            throw CliException.usage(
                    "--vendor " + vendor
                            + " (expected: lower case letters, digits and underscores, at most 31, a letter first)",
                    "");
        }
        long started = System.nanoTime();
        OpenApiImport.Imported imported;
        try {
            imported = OpenApiImport.run(Files.readString(spec), new OpenApiImport.Wish(vendor, include, deprecated));
        } catch (IOException e) {
            throw CliException.usage(
                    spec + " cannot be read: " + e, "Name a file in UTF-8; addresses are not fetched.", e);
        } catch (OpenApiException wrong) {
            throw CliException.usage(spec + ": " + wrong.getMessage(), "", wrong);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        if (out != null) {
            NewFile.write(out, imported.yaml());
        }
        if (common.json()) {
            common.out().println(Json.print(json(imported, took)));
        } else {
            if (out == null) {
                common.out().print(imported.yaml());
                common.out().flush();
            }
            report(imported, took);
        }
        return ExitCode.OK;
    }

    private void report(OpenApiImport.Imported imported, Duration took) {
        ImportReport report = imported.report();
        common.err()
                .printf(
                        "%s: %d tools of %d operations (%d selected) in %.1f s%s%n",
                        imported.vendor(),
                        report.tools(),
                        report.operations(),
                        report.selected(),
                        took.toMillis() / 1000.0,
                        out == null ? "" : ", in " + out);
        for (Map.Entry<String, List<LeftOut>> reason : report.byReason().entrySet()) {
            List<LeftOut> all = reason.getValue();
            common.err().println("Left out (" + all.size() + "): " + reason.getKey());
            all.stream().limit(EXAMPLES).forEach(each -> common.err().println("    " + place(each)));
            if (all.size() > EXAMPLES) {
                common.err().println("    ... (all with --output json)");
            }
        }
        report.guesses().forEach(guess -> common.err().println("Guessed: " + guess));
        if (out != null) {
            common.err().println("Next: toolpost connectors lint " + out);
        }
    }

    private static String place(LeftOut leftOut) {
        return leftOut.operation().isEmpty() ? leftOut.what() : leftOut.operation() + ": " + leftOut.what();
    }

    private ObjectNode json(OpenApiImport.Imported imported, Duration took) {
        ImportReport report = imported.report();
        ObjectNode result = Json.object();
        result.put("vendor", imported.vendor())
                .put("operations", report.operations())
                .put("selected", report.selected())
                .put("tools", report.tools())
                .put("took_ms", took.toMillis());
        if (out == null) {
            result.put("connector", imported.yaml());
        } else {
            result.put("file", out.toString());
        }
        report.guesses().forEach(result.putArray("guesses")::add);
        ArrayNode leftOut = result.putArray("left_out");
        for (LeftOut each : report.leftOut()) {
            leftOut.addObject()
                    .put("operation", each.operation())
                    .put("what", each.what())
                    .put("why", each.why());
        }
        return result;
    }
}
