package dev.toolpost.sandbox;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Jira's single issues: how they look, create, get, update, delete, comment and transitions. */
final class JiraIssues {

    private static final String ZONE = "+0000";
    private static final List<String> STATES = List.of("To Do", "In Progress", "Done");
    private static final List<String> CATEGORIES = List.of("new", "indeterminate", "done");

    private final VendorState state;
    private final RecordCollection issues;
    private final Supplier<URI> uri;
    private long lastComment = 20_000;

    JiraIssues(VendorState state, RecordCollection issues) {
        this.state = state;
        this.issues = issues;
        this.uri = state.uri();
    }

    RecordCollection collection() {
        return issues;
    }

    /** The fields that were asked for, those that there are, in Jira's order; {@code *all} and {@code *navigable} stand for all. */
    List<String> fields(List<String> asked) {
        List<String> fields = new ArrayList<>();
        boolean all = asked.stream().anyMatch(field -> field.startsWith("*"));
        for (String field : issues.profile().properties().keySet()) {
            if (!field.startsWith("_") && (all || asked.contains(field)) && !asked.contains("-" + field)) {
                fields.add(field);
            }
        }
        return fields;
    }

    /** Appends an issue: the id alone, or with its key and fields. */
    void write(ByteText out, long id, boolean idOnly, @Nullable List<String> fields) {
        if (!idOnly) {
            out.text("{\"expand\":\"operations,versionedRepresentations,editmeta,changelog,renderedFields\",\"id\":\"");
        } else {
            out.text("{\"id\":\"");
        }
        int idFrom = out.length();
        out.number(id);
        state.pages().id(out, idFrom, out.length());
        if (idOnly) {
            out.text("\"}");
            return;
        }
        RecordCollection.Entry entry = issues.entry(id);
        out.text("\",\"self\":\"").text(uri.get().toString()).text("/rest/api/3/issue/");
        out.number(id).text("\",\"key\":");
        issues.writeValue(out, id, entry, "_key");
        if (fields != null) {
            out.text(",\"fields\":{");
            for (int i = 0; i < fields.size(); i++) {
                if (i > 0) {
                    out.raw((byte) ',');
                }
                out.raw((byte) '"').text(fields.get(i)).text("\":");
                issues.writeValue(out, id, entry, fields.get(i));
            }
            out.raw((byte) '}');
        }
        out.raw((byte) '}');
    }

    void get(HttpExchange exchange, String idOrKey) {
        long id = find(exchange, idOrKey);
        if (id >= 0) {
            String asked = exchange.query("fields");
            write(
                    Wire.json(exchange),
                    id,
                    false,
                    fields(asked == null ? List.of("*all") : List.of(asked.split(",", -1))));
        }
    }

    void create(HttpExchange exchange) {
        JsonNode body = body(exchange);
        if (body == null) {
            return;
        }
        JsonNode fields = body.path("fields");
        Map<String, String> errors = new LinkedHashMap<>();
        String project = project(fields.path("project"));
        if (project == null) {
            errors.put("project", "Specify a valid project ID or key");
        }
        if (fields.path("issuetype")
                .path("name")
                .asString(fields.path("issuetype").path("id").asString(""))
                .isEmpty()) {
            errors.put("issuetype", "Specify an issue type");
        }
        if (fields.path("summary").asString("").isBlank()) {
            errors.put("summary", "You must specify a summary of the issue.");
        }
        Map<String, String> values = values(fields, errors);
        if (!errors.isEmpty() || project == null) {
            JiraErrors.fields(exchange, errors);
            return;
        }
        state.counts().wrote("create", "issues", fields.path("summary").asString());
        String now = Wire.date(state.nowMillis().getAsLong(), ZONE);
        values.put("_key", project + "-" + issues.end());
        values.put(
                "project",
                VendorJson.MAPPER
                        .createObjectNode()
                        .put("key", project)
                        .put("name", "Project " + project)
                        .toString());
        values.putIfAbsent("status", status(0).toString());
        values.put("created", now);
        values.put("updated", now);
        long id = issues.create(values, state.nowMillis().getAsLong());
        Wire.json(exchange.status(201))
                .text("{\"id\":\"")
                .number(id)
                .text("\",\"key\":\"" + project + "-")
                .number(id)
                .text("\",\"self\":\"" + uri.get() + "/rest/api/3/issue/")
                .number(id)
                .text("\"}");
    }

    void update(HttpExchange exchange, String idOrKey) {
        long id = find(exchange, idOrKey);
        JsonNode body = id < 0 ? null : body(exchange);
        if (body == null) {
            return;
        }
        Map<String, String> errors = new LinkedHashMap<>();
        Map<String, String> values = values(body.path("fields"), errors);
        JsonNode summary = body.path("fields").path("summary");
        if (summary.isString() && summary.asString().isBlank()) {
            errors.put("summary", "You must specify a summary of the issue.");
        }
        if (!errors.isEmpty()) {
            JiraErrors.fields(exchange, errors);
            return;
        }
        state.counts().wrote("update", "issues", Long.toString(id));
        changed(exchange, id, values);
    }

    void delete(HttpExchange exchange, String idOrKey) {
        long id = find(exchange, idOrKey);
        if (id < 0) {
            return;
        }
        state.counts().wrote("archive", "issues", Long.toString(id));
        if (issues.archive(id)) {
            exchange.status(204);
        } else {
            JiraErrors.full(exchange);
        }
    }

    void comment(HttpExchange exchange, String idOrKey) {
        long id = find(exchange, idOrKey);
        JsonNode body = id < 0 ? null : body(exchange);
        if (body == null) {
            return;
        }
        JsonNode text = body.path("body");
        if (!isDocument(text)) {
            JiraErrors.fields(exchange, Map.of("comment", "Comment body is not valid!"));
            return;
        }
        state.counts().wrote("comment", "issues", Long.toString(id));
        String now = Wire.date(state.nowMillis().getAsLong(), ZONE);
        long comment = ++lastComment;
        ByteText out = Wire.json(exchange.status(201))
                .text("{\"self\":\"")
                .text(uri.get().toString());
        out.text("/rest/api/3/issue/").number(id).text("/comment/").number(comment);
        out.text("\",\"id\":\"").number(comment).text("\",\"author\":");
        out.text("{\"accountId\":\"sandbox:1\",\"displayName\":\"Sandbox\",\"active\":true},\"body\":");
        out.text(text.toString())
                .text(",\"created\":")
                .string(now)
                .text(",\"updated\":")
                .string(now);
        out.text(",\"jsdPublic\":true}");
    }

    void transitions(HttpExchange exchange, String idOrKey) {
        if (find(exchange, idOrKey) < 0) {
            return;
        }
        ObjectNode answer = VendorJson.MAPPER.createObjectNode().put("expand", "transitions");
        var list = answer.putArray("transitions");
        for (int i = 0; i < STATES.size(); i++) {
            list.addObject()
                    .put("id", Integer.toString(10 * i + 11))
                    .put("name", STATES.get(i))
                    .put("hasScreen", false)
                    .put("isGlobal", true)
                    .put("isAvailable", true)
                    .set("to", status(i));
        }
        Wire.json(exchange).text(answer.toString());
    }

    void transition(HttpExchange exchange, String idOrKey) {
        long id = find(exchange, idOrKey);
        JsonNode body = id < 0 ? null : body(exchange);
        if (body == null) {
            return;
        }
        String asked = body.path("transition").path("id").asString("");
        long number = Wire.number(asked);
        if (number < 11 || number > 31 || number % 10 != 1) {
            JiraErrors.write(exchange, 400, "Transition id '" + asked + "' is not valid for this issue.");
            return;
        }
        state.counts().wrote("transition", "issues", Long.toString(id));
        changed(
                exchange,
                id,
                new LinkedHashMap<>(
                        Map.of("status", status((int) number / 10 - 1).toString())));
    }

    private void changed(HttpExchange exchange, long id, Map<String, String> values) {
        values.put("updated", Wire.date(state.nowMillis().getAsLong(), ZONE));
        if (issues.update(id, values, state.nowMillis().getAsLong())) {
            exchange.status(204);
        } else {
            JiraErrors.full(exchange);
        }
    }

    /** An issue's number by its id or key, or -1 after an answer that there is none. */
    private long find(HttpExchange exchange, String idOrKey) {
        int dash = idOrKey.lastIndexOf('-');
        long id = Wire.number(idOrKey.substring(dash + 1));
        if (id >= 0 && issues.isPresent(id) && (dash < 0 || idOrKey.equalsIgnoreCase(issues.value(id, "_key")))) {
            return id;
        }
        JiraErrors.noIssue(exchange);
        return -1;
    }

    private @Nullable String project(JsonNode project) {
        for (RecordCollection collection : state.collections()) {
            if (!collection.profile().name().equals("projects")) {
                continue;
            }
            long id = Wire.number(project.path("id").asString(""));
            if (id >= 0 && collection.isPresent(id)) {
                return collection.value(id, "key");
            }
            String key = project.path("key").asString("").toUpperCase(Locale.ROOT);
            for (long one = collection.next(0); one >= 0 && !key.isEmpty(); one = collection.next(one + 1)) {
                if (key.equals(collection.value(one, "key"))) {
                    return key;
                }
            }
        }
        return null;
    }

    private Map<String, String> values(JsonNode fields, Map<String, String> errors) {
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : fields.properties()) {
            String name = field.getKey();
            if (name.equals("project")) {
                continue;
            }
            if (name.startsWith("_") || !issues.knows(name)) {
                errors.put(
                        name, "Field '" + name + "' cannot be set. It is not on the appropriate screen, or unknown.");
            } else if (name.equals("description") && !field.getValue().isNull() && !isDocument(field.getValue())) {
                errors.put(name, "Operation value must be an Atlassian Document (see the Atlassian Document Format)");
            } else {
                values.put(name, issues.kept(name, field.getValue()));
            }
        }
        return values;
    }

    private static boolean isDocument(JsonNode node) {
        return node.path("type").asString("").equals("doc")
                && node.path("content").isArray();
    }

    private static ObjectNode status(int place) {
        ObjectNode status = VendorJson.MAPPER
                .createObjectNode()
                .put("id", Integer.toString(10_000 + place))
                .put("name", STATES.get(place));
        status.putObject("statusCategory").put("key", CATEGORIES.get(place)).put("name", STATES.get(place));
        return status;
    }

    private static @Nullable JsonNode body(HttpExchange exchange) {
        JsonNode body = Wire.object(exchange);
        if (body == null) {
            JiraErrors.write(exchange, 400, "There was an error parsing JSON. Check that your request body is valid.");
        }
        return body;
    }
}
