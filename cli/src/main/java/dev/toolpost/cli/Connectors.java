package dev.toolpost.cli;

import dev.toolpost.connectors.ConnectorFiles;
import dev.toolpost.connectors.ConnectorLinter;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code toolpost connectors}: definitions of vendors. */
@Command(
        name = "connectors",
        description = "Begins, imports, tries, checks and publishes connectors of your own.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            ConnectorsNew.class,
            ConnectorsImport.class,
            Connectors.Lint.class,
            ConnectorsTry.class,
            ConnectorsDocs.class,
            Connectors.Schema.class,
            ConnectorsPublish.class,
            ConnectorsKeygen.class
        })
final class Connectors {
    /** {@code connectors lint}. */
    @Command(
            name = "lint",
            description =
                    "Says everything that is wrong or unwise in connector files. Exit code 1 if one cannot be used.")
    static final class Lint implements Callable<Integer> {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Parameters(
                paramLabel = "FILE",
                arity = "1..*",
                description = "Connector files, or directories with NAME.yaml or NAME/connector.yaml.")
        private List<Path> places = new ArrayList<>();

        @Override
        public Integer call() {
            ConnectorLinter linter = new ConnectorLinter(new ConnectorLoader());
            List<Problem> problems = new ArrayList<>();
            int count = 0;
            for (Path place : places) {
                SequencedMap<String, byte[]> files = new LinkedHashMap<>();
                files(place).forEach(file -> files.put(file.toString(), read(file)));
                problems.addAll(linter.lint(files));
                count += files.size();
            }
            print(count, problems);
            return problems.stream().anyMatch(each -> each.severity() == Problem.Severity.ERROR)
                    ? ExitCode.ANSWERED_WITH_ERROR
                    : ExitCode.OK;
        }

        private static Stream<Path> files(Path place) {
            if (!Files.isDirectory(place)) {
                return Stream.of(place);
            }
            try {
                List<Path> found = ConnectorFiles.in(place);
                if (found.isEmpty()) {
                    throw CliException.usage(
                            place + " holds no connector (expected: NAME.yaml or NAME/connector.yaml)", "");
                }
                return found.stream();
            } catch (IOException e) {
                throw CliException.usage(place + " cannot be read: " + e, "", e);
            }
        }

        static byte[] read(Path file) {
            try {
                return Files.readAllBytes(file);
            } catch (IOException e) {
                throw CliException.usage(
                        Files.exists(file) ? file + " cannot be read: " + e : "there is no file " + file,
                        "Name a connector's file, such as acme/connector.yaml.",
                        e);
            }
        }

        private void print(int files, List<Problem> problems) {
            if (common.json()) {
                ArrayNode list = JsonNodeFactory.instance.arrayNode();
                for (Problem problem : problems) {
                    list.addObject()
                            .put("severity", problem.severity().name().toLowerCase(Locale.ROOT))
                            .put("file", problem.file())
                            .put("line", problem.line())
                            .put("column", problem.column())
                            .put("message", problem.message())
                            .put("fix", problem.fix());
                }
                common.out().println(Json.print(list));
                return;
            }
            problems.forEach(problem -> common.out().println(Text.visible(problem.toString())));
            common.err()
                    .println(files
                            + (files == 1 ? " file, " : " files, ")
                            + (problems.isEmpty() ? "all well" : problems.size() + " to look at"));
        }
    }

    /** {@code connectors schema}. */
    @Command(
            name = "schema",
            description = "Prints the JSON Schema of the connector format, for editors: begin a file with"
                    + " `# yaml-language-server: $schema=PATH`.")
    static final class Schema implements Runnable {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Override
        public void run() {
            common.out().println(ConnectorLoader.formatSchema().strip());
        }
    }
}
