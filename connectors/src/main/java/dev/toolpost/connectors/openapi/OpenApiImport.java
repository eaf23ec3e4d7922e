package dev.toolpost.connectors.openapi;

import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.Problem;
import dev.toolpost.connectors.openapi.ImportReport.LeftOut;
import dev.toolpost.connectors.openapi.OpenApiDocument.Operation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes a connector of an OpenAPI document (3.0, 3.1). Nothing but the document is read. Thread-safe. */
public final class OpenApiImport {
    private static final int MOST_ROUNDS = 5;

    private OpenApiImport() {}

    /**
     * What to import.
     *
     * @param vendor the vendor's id, or null for one made of the title
     * @param include patterns of operations (see the command's help); none for all
     * @param deprecated whether deprecated operations are imported too
     */
    public record Wish(@Nullable String vendor, List<String> include, boolean deprecated) {
        public Wish {
            include = List.copyOf(include);
        }
    }

    /**
     * What came of it.
     *
     * @param vendor the vendor's id
     * @param yaml the connector's file
     */
    public record Imported(String vendor, String yaml, ImportReport report) {}

    /**
     * Imports a document.
     *
     * @param text JSON or YAML
     * @throws OpenApiException where it is no such document, or nothing of it can be a tool
     */
    public static Imported run(String text, Wish wish) {
        OpenApiDocument document = OpenApiDocument.read(text);
        Attempt whole = attempt(document, wish, Detail.FULL);
        if (whole.isComplete()) {
            return whole.written();
        }
        for (Detail less : List.of(Detail.LESS, Detail.LITTLE)) {
            Attempt cut = attempt(document, wish, less);
            if (cut.isComplete()) {
                return cut.written();
            }
        }
        if (whole.tools.isEmpty()) {
            throw new OpenApiException("no operation of " + whole.head.vendor + " fits into a connector's file");
        }
        // What does not fit in any case is at least not cut as well.
        return whole.written();
    }

    private static Attempt attempt(OpenApiDocument document, Wish wish, Detail detail) {
        Notes notes = new Notes();
        String vendor = wish.vendor() == null
                ? Names.vendor(
                        document.root().path("servers").path(0).path("url").asString(""),
                        document.root().path("info").path("title").asString(""))
                : wish.vendor();
        SecurityReader security = new SecurityReader(document, notes);
        Head head = new Head(vendor, document, ServerReader.read(document, notes), security.read());
        if (detail != Detail.FULL) {
            notes.leftOut(
                    "details",
                    "not all of the document fits into one file in full; schemas are described to " + detail.depth
                            + " levels, and texts are cut; select fewer operations with --include to have more");
        }
        List<Operation> operations = document.operations(notes);
        OperationFilter filter = new OperationFilter(wish.include());
        List<Operation> selected = operations.stream().filter(filter::selects).toList();
        OperationReader reader =
                new OperationReader(document, security.carriers(), Names.ofTools(vendor), detail, notes);
        Map<String, ImportedTool> tools = new LinkedHashMap<>();
        FileRoom room = new FileRoom();
        for (Operation operation : selected) {
            notes.about(operation.name());
            if (!room.isComplete() && detail != Detail.FULL) {
                break;
            }
            try {
                if (room.isFull()) {
                    throw new LeftOutException(FileRoom.FULL);
                }
                if (operation.node().path("deprecated").asBoolean(false) && !wish.deprecated()) {
                    throw new LeftOutException("it is deprecated");
                }
                ImportedTool tool = reader.read(operation);
                if (!room.takes(tool)) {
                    throw new LeftOutException(FileRoom.FULL);
                }
                tools.put(tool.name(), tool);
            } catch (LeftOutException cannot) {
                notes.leftOut("operation", cannot.why());
            }
        }
        if (tools.isEmpty() && room.isComplete()) {
            throw new OpenApiException(
                    selected.isEmpty()
                            ? "none of its " + operations.size() + " operations was selected"
                            : "none of its " + selected.size() + " operations can be expressed: "
                                    + notes.leftOut().getFirst().why());
        }
        return new Attempt(head, tools, notes, operations.size(), selected.size(), room.isComplete());
    }

    /** @param isComplete whether all that could be expressed fits into one file */
    private record Attempt(
            Head head, Map<String, ImportedTool> tools, Notes notes, int operations, int selected, boolean isComplete) {

        Imported written() {
            return OpenApiImport.written(head, tools, notes, operations, selected);
        }
    }

    private record Head(String vendor, OpenApiDocument document, ObjectNode server, ArrayNode auth) {}

    /** Writes the file and reads it as every worker would; whatever is refused is left out, with that as the reason. */
    private static Imported written(
            Head head, Map<String, ImportedTool> tools, Notes notes, int operations, int selected) {
        for (int round = 0; ; round++) {
            NavigableMap<Integer, ImportedTool> lines = new TreeMap<>();
            String yaml = write(head, tools, report(tools, notes, operations, selected), lines);
            List<Problem> errors =
                    new ConnectorLoader().read(head.vendor + ".yaml", yaml).errors();
            if (errors.isEmpty()) {
                return new Imported(head.vendor, yaml, report(tools, notes, operations, selected));
            }
            boolean fewer = false;
            for (Problem error : errors) {
                Map.Entry<Integer, ImportedTool> at = lines.floorEntry(error.line());
                if (at != null && tools.remove(at.getValue().name()) != null) {
                    notes.about(at.getValue().operation());
                    notes.leftOut("operation", "what it became is refused: " + error.message());
                    fewer = true;
                }
            }
            if (!fewer || tools.isEmpty() || round == MOST_ROUNDS) {
                throw new OpenApiException("no connector can be made of it: " + errors.getFirst());
            }
        }
    }

    private static ImportReport report(Map<String, ImportedTool> tools, Notes notes, int operations, int selected) {
        List<String> guesses = new ArrayList<>(notes.guesses());
        guesses.add("limits: the document says nothing of them");
        guesses.add("errors: where an answer has its message and code");
        long paged =
                tools.values().stream().filter(tool -> tool.paging() != null).count();
        if (paged > 0) {
            guesses.add("paging of " + paged + (paged == 1 ? " tool" : " tools") + ", marked in the file");
        }
        return new ImportReport(operations, selected, tools.size(), notes.leftOut(), guesses);
    }

    private static String write(
            Head head,
            Map<String, ImportedTool> tools,
            ImportReport report,
            NavigableMap<Integer, ImportedTool> lines) {
        JsonNode info = head.document.root().path("info");
        YamlText text = new YamlText();
        String title = ShortText.of(info.path("title").asString(head.vendor), 90);
        text.comment(
                0,
                "Imported from the OpenAPI document of " + title + ", version "
                        + info.path("version").asString("unknown") + ": " + report.tools() + " of "
                        + report.operations() + " operations.");
        text.comment(0, "Guessed, so look at it: " + String.join("; ", report.guesses()) + ".");
        for (Map.Entry<String, List<LeftOut>> reason : report.byReason().entrySet()) {
            text.comment(
                    0,
                    "Left out (" + reason.getValue().size() + "): " + reason.getKey() + ". For example "
                            + example(reason.getValue().getFirst()) + ".");
        }
        ObjectNode about = JsonNodeFactory.instance.objectNode();
        about.put("vendor", head.vendor).put("title", title.isEmpty() ? head.vendor : title);
        String description = ShortText.of(info.path("description").asString(""), 300);
        if (!description.isEmpty()) {
            about.put("description", description);
        }
        String documentation =
                head.document.root().path("externalDocs").path("url").asString("");
        if (documentation.matches("https://\\S+")) {
            about.put("documentation", documentation);
        }
        text.members(0, about);
        text.members(0, head.server);
        text.put(0, "auth", head.auth);
        text.line(0, "limits:");
        text.comment(2, "Guessed: the document says nothing of limits. Write what the vendor documents.");
        text.line(2, "second: { scope: connection, kind: sliding, permits: 5, window: 1s }");
        text.line(0, "errors:");
        text.comment(2, "Guessed: where most APIs have them.");
        text.line(2, "message: [/message, /error/message, /error_description, /detail, /title, /error]");
        text.line(2, "vendor_code: [/code, /error/code, /error/type, /type]");
        text.line(0, "tools:");
        for (ImportedTool tool : tools.values()) {
            lines.put(text.nextLine(), tool);
            writeTool(text, tool);
        }
        return text.toString();
    }

    static void writeTool(YamlText text, ImportedTool tool) {
        text.line(2, tool.name() + ":");
        text.members(4, tool.tool());
        ObjectNode paging = tool.paging();
        if (paging != null) {
            text.comment(4, "Guessed: " + tool.pagingGuess() + ".");
            text.put(4, "paging", paging);
        }
    }

    private static String example(LeftOut leftOut) {
        return leftOut.operation().isEmpty()
                ? leftOut.what()
                : leftOut.operation() + (leftOut.what().equals("operation") ? "" : ", " + leftOut.what());
    }
}
