package dev.toolpost.cli;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.reference.ReferencePage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code connectors docs}: reference pages. */
@Command(
        name = "docs",
        description =
                "Writes a reference page in Markdown for each connector: connections, limits, tools and their arguments.")
final class ConnectorsDocs implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description = "Connector files. Default: the connectors that come with Toolpost.")
    private List<Path> files = new ArrayList<>();

    @Option(names = "--vendor", paramLabel = "VENDOR", description = "Only this vendor's page.")
    private @Nullable String vendor;

    @Option(
            names = "--out",
            paramLabel = "DIRECTORY",
            description =
                    "Where the pages go, VENDOR.md each, and README.md that names them. Default: standard output.")
    private @Nullable Path out;

    @Override
    public Integer call() {
        Collection<Connector> connectors = connectors();
        List<Connector> wanted = connectors.stream()
                .filter(each -> vendor == null || each.vendor().equals(vendor))
                .toList();
        if (wanted.isEmpty()) {
            throw CliException.usage(
                    "there is no connector for vendor " + vendor,
                    "Known: "
                            + String.join(
                                    ", ",
                                    connectors.stream().map(Connector::vendor).toList()));
        }
        if (out == null && common.json()) {
            ArrayNode pages = JsonNodeFactory.instance.arrayNode();
            wanted.forEach(
                    each -> pages.addObject().put("vendor", each.vendor()).put("page", ReferencePage.of(each)));
            common.out().println(Json.print(pages));
            return ExitCode.OK;
        }
        if (out == null) {
            wanted.forEach(each -> common.out().print(ReferencePage.of(each)));
            return ExitCode.OK;
        }
        ArrayNode written = JsonNodeFactory.instance.arrayNode();
        try {
            Files.createDirectories(out);
            for (Connector each : wanted) {
                Path page = out.resolve(each.vendor() + ".md");
                Files.writeString(page, ReferencePage.of(each));
                written.add(page.toString());
            }
            if (vendor == null) {
                Files.writeString(out.resolve("README.md"), ReferencePage.index(wanted));
            }
        } catch (IOException e) {
            throw CliException.usage(out + " cannot be written: " + e, "", e);
        }
        if (common.json()) {
            common.out().println(Json.print(written));
        } else {
            common.err().println(written.size() + (written.size() == 1 ? " page in " : " pages in ") + out);
        }
        return ExitCode.OK;
    }

    private Collection<Connector> connectors() {
        if (files.isEmpty()) {
            return ConnectorCatalogue.bundled().connectors().values();
        }
        ConnectorLoader loader = new ConnectorLoader();
        return files.stream().map(loader::load).toList();
    }
}
