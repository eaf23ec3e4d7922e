package dev.toolpost.connectors.openapi;

import dev.toolpost.connectors.openapi.OpenApiDocument.Operation;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes a tool of an operation. Used for one document. */
final class OperationReader {
    private static final int THIN = 60;

    private final OpenApiDocument document;
    private final Set<String> credentials;
    private final Names names;
    private final Detail detail;
    private final Notes notes;
    private final PagingGuess paging;
    private final Set<String> descriptions = new HashSet<>();

    OperationReader(OpenApiDocument document, Set<String> credentials, Names names, Detail detail, Notes notes) {
        this.document = document;
        this.detail = detail;
        this.credentials = credentials;
        this.names = names;
        this.notes = notes;
        this.paging = new PagingGuess(document);
    }

    ImportedTool read(Operation operation) throws LeftOutException {
        String server = ServerReader.own(document, operation.servers());
        JsonNode answer = answer(operation);
        ObjectNode tool = JsonNodeFactory.instance.objectNode();
        String title = title(operation);
        if (!title.isEmpty()) {
            tool.put("title", title);
        }
        tool.put("description", description(operation, title));
        tags(operation, tool);
        tool.put(
                "effect",
                switch (operation.method()) {
                    case "GET" -> "read";
                    case "DELETE" -> "delete";
                    default -> "write";
                });
        if (!server.isEmpty()) {
            tool.put("base_url", server);
        }
        SchemaConverter schemas = new SchemaConverter(document, detail, notes);
        ToolArguments arguments = new ToolArguments(schemas, detail);
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        if (!operation.method().equals("GET")) {
            request.put("method", operation.method());
        }
        Map<String, JsonNode> parameters = ParameterReader.all(document, operation, notes);
        String response = response(answer);
        PagingGuess.Guess guess = response.equals("json") ? paging.of(operation, parameters, answer) : null;
        new ParameterReader(document, operation, credentials, arguments, notes)
                .read(parameters, guess == null ? Set.of() : withPaging(guess), request);
        new BodyReader(document, arguments, schemas, notes).read(operation, request);
        if (!arguments.isEmpty()) {
            tool.set("arguments", arguments.schema());
        }
        tool.set("request", request);
        if (!response.equals("json")) {
            tool.put("response", response);
        }
        return new ImportedTool(
                operation.name(),
                names.free(wantedName(operation)),
                tool,
                guess == null ? null : guess.paging(),
                guess == null ? "" : guess.reason());
    }

    /** A paged tool has arguments limit and next_cursor of its own, so none of the document's can have these names. */
    private static Set<String> withPaging(PagingGuess.Guess guess) {
        Set<String> taken = new LinkedHashSet<>(guess.parameters());
        taken.add("limit");
        taken.add("next_cursor");
        return taken;
    }

    private static String wantedName(Operation operation) {
        String id = operation.node().path("operationId").asString("");
        if (!id.isBlank()) {
            return id;
        }
        String path = operation.path().replaceAll("\\{[^{}]*}$", "by id").replaceAll("\\{[^{}]*}", " ");
        return switch (operation.method()) {
                    case "POST" -> "create ";
                    case "PUT" -> "replace ";
                    case "PATCH" -> "update ";
                    case "DELETE" -> "delete ";
                    default -> "get ";
                }
                + path;
    }

    private static String title(Operation operation) {
        return ShortText.of(operation.node().path("summary").asString(""), 90);
    }

    /** No two tools say the same, or a model could not tell them apart. */
    private String description(Operation operation, String title) {
        String description = described(operation, title);
        return descriptions.add(description)
                ? description
                : description + (description.endsWith(".") ? "" : ".") + " Calls " + operation.name() + ".";
    }

    private String described(Operation operation, String title) {
        String text = ShortText.of(operation.node().path("description").asString(""), detail.toolText);
        String whole = text.startsWith(title) || title.isEmpty() ? text : text.isEmpty() ? title : title + ". " + text;
        if (whole.isEmpty()) {
            whole = ShortText.capital(ShortText.words(wantedName(operation)));
        }
        if (whole.length() >= THIN) {
            return whole;
        }
        String end = whole.endsWith(".") ? "" : ".";
        return whole + end + " Calls " + operation.name() + " and returns its answer as it is.";
    }

    private static void tags(Operation operation, ObjectNode tool) {
        Set<String> tags = new LinkedHashSet<>();
        for (JsonNode tag : operation.node().path("tags")) {
            String plain = ShortText.words(tag.asString("")).replace(' ', '-');
            if (plain.matches("[a-z0-9][a-z0-9_-]{0,39}")) {
                tags.add(plain);
            }
        }
        if (!tags.isEmpty()) {
            ArrayNode list = tool.putArray("tags");
            tags.forEach(list::add);
        }
    }

    /** The answer of success that comes first. */
    private JsonNode answer(Operation operation) throws LeftOutException {
        JsonNode responses = operation.node().path("responses");
        boolean redirects = false;
        for (Map.Entry<String, JsonNode> response : responses.properties()) {
            if (response.getKey().startsWith("2")) {
                return document.resolved(response.getValue());
            }
            redirects |= response.getKey().startsWith("3");
        }
        if (redirects) {
            throw new LeftOutException("it answers with a redirect, which is not followed to another server");
        }
        return document.resolved(responses.path("default"));
    }

    private static String response(JsonNode answer) throws LeftOutException {
        JsonNode content = answer.path("content");
        if (content.isEmpty()
                || content.propertyNames().stream().anyMatch(type -> type.contains("json") || type.equals("*/*"))) {
            return "json";
        }
        String type = content.propertyNames().iterator().next();
        if (type.startsWith("text/") || type.contains("xml") || type.contains("yaml")) {
            return "text";
        }
        if (FormatKeys.hasResponse("binary")) {
            return "binary";
        }
        throw new LeftOutException("it answers with " + type + ", which cannot be expressed");
    }
}
