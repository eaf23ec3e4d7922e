package dev.toolpost.connectors;

import com.networknt.schema.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads definitions. A file is held first against the format's published JSON Schema, then against what a schema cannot say:
 * references, templates, argument schemas. Definitions from anywhere may be read; nothing is fetched or executed.
 * Thread-safe.
 */
public final class ConnectorLoader {
    private static final String FORMAT_RESOURCE = "/connector.schema.json";

    /** Compiled when the first definition is read. */
    private static final class Format {
        static final JsonNode NODE = JsonMapper.shared().readTree(formatSchema());
        static final Schema SCHEMA = JsonSchemas.compile(NODE);
    }

    /** The published JSON Schema of the format, as editors use it. */
    public static String formatSchema() {
        try (InputStream in = ConnectorLoader.class.getResourceAsStream(FORMAT_RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(FORMAT_RESOURCE + " is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(FORMAT_RESOURCE + " cannot be read", e);
        }
    }

    /**
     * Reads a definition.
     *
     * @param name the file's name, for messages
     * @param text its content
     * @throws ConnectorException where it cannot be used; it lists every problem found
     */
    public Connector load(String name, String text) {
        Reading reading = read(name, text);
        if (reading.connector() == null) {
            throw new ConnectorException(reading.errors());
        }
        return reading.connector();
    }

    /**
     * Reads a file.
     *
     * @throws ConnectorException where it cannot be read or used
     */
    public Connector load(Path file) {
        try {
            return load(file.toString(), ConnectorText.read(file));
        } catch (IOException e) {
            throw new ConnectorException(
                    List.of(new Problem(Problem.Severity.ERROR, file.toString(), 1, 1, "cannot be read: " + e, "")));
        }
    }

    /**
     * Reads a definition that this build has checked already, so that starting up need not do it again.
     *
     * @throws ConnectorException where it cannot be used
     */
    Connector loadChecked(String name, String text) {
        Reading reading = parse(name, text, Depth.CHECKED_BEFORE);
        if (reading.connector() == null) {
            throw new ConnectorException(reading.errors());
        }
        return reading.connector();
    }

    /**
     * Reads as far as it goes: the definition where it can be used, and everything that is wrong or unwise in it.
     *
     * @param name the file's name, for messages
     * @param text its content
     */
    public Reading read(String name, String text) {
        return parse(name, text, Depth.EVERYTHING);
    }

    /**
     * Reads as far as it goes, also where the bytes are no text.
     *
     * @param name the file's name, for messages
     * @param content what should be its text in UTF-8
     */
    public Reading read(String name, byte[] content) {
        try {
            return read(name, ConnectorText.of(name, content));
        } catch (ConnectorException noText) {
            return new Reading(null, noText.problems());
        }
    }

    /** How much is held against schemas. */
    private enum Depth {
        EVERYTHING,
        CHECKED_BEFORE
    }

    private static Reading parse(String name, String text, Depth depth) {
        PositionedYaml yaml;
        try {
            yaml = PositionedYaml.read(text);
        } catch (PositionedYaml.UnreadableException e) {
            Problem problem = new Problem(
                    Problem.Severity.ERROR,
                    name,
                    e.position().line(),
                    e.position().column(),
                    String.valueOf(e.getMessage()),
                    e.fix());
            return new Reading(null, List.of(problem));
        }
        Problems problems = new Problems(name, yaml);
        Section root = new Section(yaml.root(), "", problems);
        if (depth == Depth.EVERYTHING) {
            new TextRules(problems).apply(yaml.root());
            Violations.of(Format.SCHEMA.validate(yaml.root()), Format.NODE, "key")
                    .forEach(problems::violation);
            if (problems.hasErrors()) {
                return new Reading(null, problems.inOrder());
            }
            root.get("tools").members().values().forEach(tool -> new ArgumentsSchema(tool.find("arguments")).check());
        }
        Connector connector = new ConnectorReader(root).read();
        if (connector != null && depth == Depth.EVERYTHING) {
            new LintRules(connector, problems).apply();
        }
        return new Reading(problems.hasErrors() ? null : connector, problems.inOrder());
    }

    /**
     * What came of reading a file.
     *
     * @param connector null where there are errors
     * @param problems errors and warnings, in the order of the file
     */
    public record Reading(@Nullable Connector connector, List<Problem> problems) {
        public Reading {
            problems = List.copyOf(problems);
        }

        /** The problems for which the definition is not used. */
        public List<Problem> errors() {
            return problems.stream()
                    .filter(problem -> problem.severity() == Problem.Severity.ERROR)
                    .toList();
        }
    }
}
