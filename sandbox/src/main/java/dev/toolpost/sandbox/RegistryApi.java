package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaCompatibility.SchemaPairCompatibility;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The registry's REST API, after <a href="https://docs.confluent.io/platform/current/schema-registry/develop/api.html">Confluent's reference</a>. Runs
 * on the loop's thread.
 */
final class RegistryApi {

    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final String DEFAULT_LEVEL = "BACKWARD";
    private static final String DEFAULT_MODE = "READWRITE";
    private static final List<String> LEVELS = List.of(
            "NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE");
    private static final List<String> MODES = List.of("READWRITE", "READONLY", "IMPORT");

    private final JsonMapper json = JsonMapper.shared();
    private final RegistryStore store;
    private final byte @Nullable [] authorization;

    RegistryApi(RegistryStore store, @Nullable String user, @Nullable String password) {
        this.store = store;
        this.authorization = user == null
                ? null
                : ("Basic "
                                + Base64.getEncoder()
                                        .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)))
                        .getBytes(StandardCharsets.UTF_8);
    }

    void handle(HttpExchange exchange) {
        exchange.header("Content-Type", CONTENT_TYPE);
        try {
            authorize(exchange);
            exchange.answer().text(answer(exchange));
        } catch (RegistryException e) {
            if (e.status() == 401) {
                exchange.header("WWW-Authenticate", "Basic realm=\"registry\"");
            }
            exchange.status(e.status())
                    .answer()
                    .text("{\"error_code\":")
                    .number(e.code())
                    .text(",\"message\":")
                    .string(e.text())
                    .raw((byte) '}');
        }
        exchange.send();
    }

    private void authorize(HttpExchange exchange) throws RegistryException {
        if (authorization != null) {
            String given = exchange.header("authorization");
            if (given == null || !MessageDigest.isEqual(authorization, given.getBytes(StandardCharsets.UTF_8))) {
                throw RegistryException.unauthorized();
            }
        }
    }

    private String answer(HttpExchange exchange) throws RegistryException {
        List<String> path = new ArrayList<>();
        for (String segment : exchange.path().split("/", -1)) {
            if (!segment.isEmpty()) {
                path.add(HttpExchange.decode(segment.replace("+", "%2B")));
            }
        }
        if (path.isEmpty()) {
            return "{}";
        }
        return switch (path.getFirst()) {
            case "subjects" -> subjects(exchange, path);
            case "schemas" -> schemas(exchange, path);
            case "config" -> setting(exchange, path, "compatibility", "compatibilityLevel", DEFAULT_LEVEL, LEVELS);
            case "mode" -> setting(exchange, path, "mode", "mode", DEFAULT_MODE, MODES);
            case "compatibility" -> compatibility(exchange, path);
            case "contexts" -> "[\".\"]";
            case "v1" -> metadata(path);
            default -> throw RegistryException.noResource();
        };
    }

    // Subjects.

    private String subjects(HttpExchange exchange, List<String> path) throws RegistryException {
        String method = exchange.method();
        if (path.size() == 1 && method.equals("GET")) {
            return listSubjects(exchange);
        }
        String subject = path.size() > 1 ? path.get(1) : "";
        boolean versions = path.size() > 2 && path.get(2).equals("versions");
        if (path.size() == 2) {
            return switch (method) {
                case "POST" -> lookUp(exchange, subject);
                case "DELETE" -> deleteSubject(exchange, subject);
                default -> throw RegistryException.noResource();
            };
        }
        if (path.size() == 3 && versions) {
            return switch (method) {
                case "GET" -> numbers(present(exchange, subject));
                case "POST" -> register(exchange, subject);
                default -> throw RegistryException.noResource();
            };
        }
        if (path.size() >= 4 && versions) {
            RegistryStore.Version version = version(exchange, subject, path.get(3));
            if (path.size() == 4) {
                return switch (method) {
                    case "GET" -> describe(subject, version).toString();
                    case "DELETE" -> deleteVersion(exchange, subject, version);
                    default -> throw RegistryException.noResource();
                };
            }
            if (path.size() == 5 && method.equals("GET")) {
                return switch (path.get(4)) {
                    case "schema" -> version.schema().text();
                    case "referencedby" -> referencedBy(subject, version).toString();
                    default -> throw RegistryException.noResource();
                };
            }
        }
        throw RegistryException.noResource();
    }

    private String listSubjects(HttpExchange exchange) {
        String prefix = exchange.query("subjectPrefix");
        ArrayNode list = json.createArrayNode();
        for (String subject : store.subjects()) {
            boolean alive = store.versions(subject).values().stream().anyMatch(version -> !version.deleted());
            if ((alive || isTrue(exchange, "deleted")) && (prefix == null || subject.startsWith(prefix))) {
                list.add(subject);
            }
        }
        return list.toString();
    }

    private String register(HttpExchange exchange, String subject) throws RegistryException {
        JsonNode body = body(exchange);
        Parsed parsed = parse(body);
        for (RegistryStore.Version version : store.versions(subject).values()) {
            if (!version.deleted() && version.schema().equals(store.schema(parsed.content()))) {
                return describe(subject, version).toString();
            }
        }
        if (setting("mode", subject, DEFAULT_MODE).equals("READONLY")) {
            throw RegistryException.readOnly(subject);
        }
        List<String> problems = incompatibilities(subject, parsed.schema(), aliveSchemas(subject));
        if (!problems.isEmpty()) {
            throw RegistryException.incompatible(subject, problems.toString());
        }
        int wantedId = setting("mode", subject, DEFAULT_MODE).equals("IMPORT")
                ? body.path("id").asInt(0)
                : 0;
        RegistryStore.Version added =
                store.add(subject, parsed.content(), parsed.schema().toString(), parsed.references(), wantedId);
        return describe(subject, added).toString();
    }

    private String lookUp(HttpExchange exchange, String subject) throws RegistryException {
        Parsed parsed = parse(body(exchange));
        NavigableMap<Integer, RegistryStore.Version> versions = store.versions(subject);
        boolean deleted = isTrue(exchange, "deleted");
        if (versions.values().stream().allMatch(version -> version.deleted() && !deleted)) {
            throw RegistryException.noSubject(subject);
        }
        RegistryStore.StoredSchema known = store.schema(parsed.content());
        for (RegistryStore.Version version : versions.descendingMap().values()) {
            if ((deleted || !version.deleted()) && version.schema().equals(known)) {
                return describe(subject, version).toString();
            }
        }
        throw RegistryException.noSchema();
    }

    private String deleteSubject(HttpExchange exchange, String subject) throws RegistryException {
        boolean permanent = isTrue(exchange, "permanent");
        TreeMap<Integer, RegistryStore.Version> versions = new TreeMap<>(store.versions(subject));
        if (versions.isEmpty()) {
            throw RegistryException.noSubject(subject);
        }
        if (permanent && versions.values().stream().anyMatch(version -> !version.deleted())) {
            throw RegistryException.notDeleted(subject);
        }
        if (!permanent) {
            versions.values().removeIf(RegistryStore.Version::deleted);
            if (versions.isEmpty()) {
                throw RegistryException.noSubject(subject);
            }
        }
        versions.keySet().forEach(number -> store.delete(subject, number, permanent));
        return numbers(versions.values());
    }

    private String deleteVersion(HttpExchange exchange, String subject, RegistryStore.Version version)
            throws RegistryException {
        boolean permanent = isTrue(exchange, "permanent");
        if (permanent && !version.deleted()) {
            throw RegistryException.notDeleted(subject);
        }
        store.delete(subject, version.number(), permanent);
        return Integer.toString(version.number());
    }

    private ArrayNode referencedBy(String subject, RegistryStore.Version version) {
        ArrayNode ids = json.createArrayNode();
        for (RegistryStore.StoredSchema schema : store.schemas()) {
            if (schema.references().stream()
                    .anyMatch(reference ->
                            reference.subject().equals(subject) && reference.version() == version.number())) {
                ids.add(schema.id());
            }
        }
        return ids;
    }

    private Collection<RegistryStore.Version> present(HttpExchange exchange, String subject) throws RegistryException {
        boolean deleted = isTrue(exchange, "deleted");
        List<RegistryStore.Version> present = store.versions(subject).values().stream()
                .filter(version -> deleted || !version.deleted())
                .toList();
        if (present.isEmpty()) {
            throw RegistryException.noSubject(subject);
        }
        return present;
    }

    private RegistryStore.Version version(HttpExchange exchange, String subject, String asked)
            throws RegistryException {
        boolean deleting = exchange.method().equals("DELETE") && isTrue(exchange, "permanent");
        TreeMap<Integer, RegistryStore.Version> versions = new TreeMap<>(store.versions(subject));
        if (!deleting && !isTrue(exchange, "deleted")) {
            versions.values().removeIf(RegistryStore.Version::deleted);
        }
        if (versions.isEmpty()) {
            throw RegistryException.noSubject(subject);
        }
        if (asked.equals("latest") || asked.equals("-1")) {
            return versions.lastEntry().getValue();
        }
        if (!asked.matches("[1-9]\\d{0,8}")) {
            throw RegistryException.invalidVersion(asked);
        }
        RegistryStore.Version version = versions.get(Integer.valueOf(asked));
        if (version == null) {
            throw RegistryException.noVersion(asked);
        }
        return version;
    }

    private String numbers(Collection<RegistryStore.Version> versions) {
        ArrayNode list = json.createArrayNode();
        versions.forEach(version -> list.add(version.number()));
        return list.toString();
    }

    private ObjectNode describe(String subject, RegistryStore.Version version) {
        ObjectNode node = json.createObjectNode()
                .put("subject", subject)
                .put("version", version.number())
                .put("id", version.schema().id())
                .put("guid", version.schema().guid())
                .put("schemaType", "AVRO");
        references(node, version.schema());
        return node.put("schema", version.schema().text());
    }

    private static void references(ObjectNode node, RegistryStore.StoredSchema schema) {
        for (RegistryStore.Reference reference : schema.references()) {
            node.withArray("references")
                    .addObject()
                    .put("name", reference.name())
                    .put("subject", reference.subject())
                    .put("version", reference.version());
        }
    }

    // Schemas by id.

    private String schemas(HttpExchange exchange, List<String> path) throws RegistryException {
        if (!exchange.method().equals("GET")) {
            throw RegistryException.noResource();
        }
        if (path.size() == 1) {
            ArrayNode list = json.createArrayNode();
            for (String subject : store.subjects()) {
                store.versions(subject).values().stream()
                        .filter(version -> !version.deleted())
                        .forEach(version -> list.add(describe(subject, version)));
            }
            return list.toString();
        }
        if (path.size() == 2 && path.get(1).equals("types")) {
            return "[\"AVRO\"]";
        }
        if (path.size() < 3 || path.size() > 4) {
            throw RegistryException.noResource();
        }
        RegistryStore.StoredSchema schema = path.get(1).equals("guids") ? byGuid(path.get(2)) : byId(path.get(2));
        return switch (path.size() == 3 ? "" : path.get(3)) {
            case "" -> {
                ObjectNode node = json.createObjectNode()
                        .put("guid", schema.guid())
                        .put("schemaType", "AVRO")
                        .put("schema", schema.text());
                if (isTrue(exchange, "fetchMaxId")) {
                    node.put("maxId", store.lastId());
                }
                references(node, schema);
                yield node.toString();
            }
            case "schema" -> schema.text();
            case "subjects" -> places(exchange, schema, false).toString();
            case "versions" -> places(exchange, schema, true).toString();
            default -> throw RegistryException.noResource();
        };
    }

    private ArrayNode places(HttpExchange exchange, RegistryStore.StoredSchema schema, boolean withVersion) {
        ArrayNode list = json.createArrayNode();
        for (String subject : store.subjects()) {
            for (RegistryStore.Version version : store.versions(subject).values()) {
                if (version.schema().equals(schema) && (!version.deleted() || isTrue(exchange, "deleted"))) {
                    if (withVersion) {
                        list.addObject().put("subject", subject).put("version", version.number());
                    } else {
                        list.add(subject);
                        break;
                    }
                }
            }
        }
        return list;
    }

    private RegistryStore.StoredSchema byId(String id) throws RegistryException {
        RegistryStore.StoredSchema schema = id.matches("\\d{1,9}") ? store.schema(Integer.parseInt(id)) : null;
        if (schema == null) {
            throw RegistryException.noSchema();
        }
        return schema;
    }

    private RegistryStore.StoredSchema byGuid(String guid) throws RegistryException {
        for (RegistryStore.StoredSchema schema : store.schemas()) {
            if (schema.guid().equals(guid)) {
                return schema;
            }
        }
        throw RegistryException.noSchema();
    }

    // Settings: compatibility and mode, for all subjects or one.

    private String setting(
            HttpExchange exchange, List<String> path, String name, String shownAs, String usual, List<String> allowed)
            throws RegistryException {
        if (path.size() > 2) {
            throw RegistryException.noResource();
        }
        String subject = path.size() == 2 ? path.get(1) : "";
        String key = name + "/" + subject;
        return switch (exchange.method()) {
            case "GET" -> {
                String own = store.setting(key);
                if (own == null && !subject.isEmpty() && !isTrue(exchange, "defaultToGlobal")) {
                    throw name.equals("mode") ? RegistryException.noMode(subject) : RegistryException.noConfig(subject);
                }
                yield json.createObjectNode()
                        .put(shownAs, setting(name, subject, usual))
                        .toString();
            }
            case "PUT" -> {
                String value = body(exchange).path(name).asString("").toUpperCase(Locale.ROOT);
                if (!allowed.contains(value)) {
                    throw name.equals("mode")
                            ? RegistryException.invalidMode(value)
                            : RegistryException.invalidLevel(value);
                }
                store.setting(key, value);
                yield json.createObjectNode().put(name, value).toString();
            }
            case "DELETE" -> {
                String before = setting(name, subject, usual);
                store.setting(key, null);
                yield json.createObjectNode().put(shownAs, before).toString();
            }
            default -> throw RegistryException.noResource();
        };
    }

    private String setting(String name, String subject, String usual) {
        String own = store.setting(name + "/" + subject);
        String global = store.setting(name + "/");
        return own != null ? own : global != null ? global : usual;
    }

    // Compatibility.

    private String compatibility(HttpExchange exchange, List<String> path) throws RegistryException {
        if (!exchange.method().equals("POST")
                || path.size() < 4
                || !path.get(1).equals("subjects")
                || !path.get(3).equals("versions")) {
            throw RegistryException.noResource();
        }
        String subject = path.get(2);
        Parsed parsed = parse(body(exchange));
        List<RegistryStore.StoredSchema> against = path.size() == 5
                ? List.of(version(exchange, subject, path.get(4)).schema())
                : aliveSchemas(subject);
        List<String> problems = incompatibilities(subject, parsed.schema(), against);
        ObjectNode node = json.createObjectNode().put("is_compatible", problems.isEmpty());
        if (isTrue(exchange, "verbose")) {
            ArrayNode messages = node.putArray("messages");
            problems.forEach(messages::add);
        }
        return node.toString();
    }

    private List<RegistryStore.StoredSchema> aliveSchemas(String subject) {
        return store.versions(subject).values().stream()
                .filter(version -> !version.deleted())
                .map(RegistryStore.Version::schema)
                .toList();
    }

    private List<String> incompatibilities(String subject, Schema next, List<RegistryStore.StoredSchema> earlier)
            throws RegistryException {
        String level = setting("compatibility", subject, DEFAULT_LEVEL);
        List<String> problems = new ArrayList<>();
        if (level.equals("NONE") || earlier.isEmpty()) {
            return problems;
        }
        List<RegistryStore.StoredSchema> against = level.endsWith("_TRANSITIVE") ? earlier : List.of(earlier.getLast());
        for (RegistryStore.StoredSchema stored : against) {
            Schema before = parse(stored.text(), stored.references());
            if (!level.startsWith("FORWARD")) {
                check(problems, next, before);
            }
            if (!level.startsWith("BACKWARD")) {
                check(problems, before, next);
            }
        }
        return problems;
    }

    private static void check(List<String> problems, Schema reader, Schema writer) {
        SchemaPairCompatibility pair = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
        if (pair.getType() != SchemaCompatibilityType.COMPATIBLE) {
            pair.getResult()
                    .getIncompatibilities()
                    .forEach(problem -> problems.add(
                            problem.getType() + " at " + problem.getLocation() + ": " + problem.getMessage()));
        }
    }

    // Parsing.

    /** A schema of a request; equal content means the same schema. */
    private record Parsed(Schema schema, String content, List<RegistryStore.Reference> references) {}

    private Parsed parse(JsonNode body) throws RegistryException {
        String type = body.path("schemaType").asString("AVRO");
        if (!type.equals("AVRO") && !type.isEmpty()) {
            throw RegistryException.invalidSchema("schemaType " + type + " (this registry takes AVRO only)");
        }
        String text = body.path("schema").asString("");
        if (text.isBlank()) {
            throw RegistryException.invalidSchema("Empty schema");
        }
        List<RegistryStore.Reference> references = new ArrayList<>();
        for (JsonNode reference : body.path("references")) {
            references.add(new RegistryStore.Reference(
                    reference.path("name").asString(""),
                    reference.path("subject").asString(""),
                    reference.path("version").asInt(0)));
        }
        Schema schema = parse(text, references);
        return new Parsed(schema, canonical(json.readTree(schema.toString())) + references, references);
    }

    private Schema parse(String text, List<RegistryStore.Reference> references) throws RegistryException {
        Schema.Parser parser = new Schema.Parser().setValidateDefaults(true);
        load(parser, references, 0);
        try {
            return parser.parse(text);
        } catch (AvroRuntimeException | NullPointerException | ClassCastException e) {
            throw RegistryException.invalidSchema(text + ": " + e.getMessage());
        }
    }

    private void load(Schema.Parser parser, List<RegistryStore.Reference> references, int depth)
            throws RegistryException {
        if (depth > 20) {
            throw RegistryException.invalidSchema("References nested deeper than 20");
        }
        for (RegistryStore.Reference reference : references) {
            RegistryStore.Version version = store.versions(reference.subject()).get(reference.version());
            if (version == null) {
                throw RegistryException.invalidSchema("No schema for reference " + reference.name() + ": subject "
                        + reference.subject() + ", version " + reference.version());
            }
            if (!parser.getTypes().containsKey(reference.name())) {
                load(parser, version.schema().references(), depth + 1);
                try {
                    parser.parse(version.schema().text());
                } catch (AvroRuntimeException e) {
                    throw RegistryException.invalidSchema(reference.name() + ": " + e.getMessage());
                }
            }
        }
    }

    /** The text with the keys of every object in order, so that their order does not matter. */
    private static String canonical(JsonNode node) {
        if (node.isObject()) {
            TreeMap<String, String> sorted = new TreeMap<>();
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                sorted.put(entry.getKey(), canonical(entry.getValue()));
            }
            return sorted.toString();
        }
        if (node.isArray()) {
            List<String> items = new ArrayList<>();
            node.forEach(item -> items.add(canonical(item)));
            return items.toString();
        }
        return node.toString();
    }

    private JsonNode body(HttpExchange exchange) throws RegistryException {
        try {
            JsonNode body = json.readTree(exchange.body());
            if (body != null && body.isObject()) {
                return body;
            }
        } catch (JacksonException e) {
            throw RegistryException.invalidRequest("Not JSON: " + e.getOriginalMessage());
        }
        throw RegistryException.invalidRequest("Expected a JSON object");
    }

    private static String metadata(List<String> path) throws RegistryException {
        if (path.size() == 3 && path.get(1).equals("metadata")) {
            return switch (path.get(2)) {
                case "id" -> "{\"id\":\"\",\"scope\":{\"path\":[],\"clusters\":{}}}";
                case "version" -> "{\"version\":\"8.0.0\",\"commitId\":\"sandbox\"}";
                default -> throw RegistryException.noResource();
            };
        }
        throw RegistryException.noResource();
    }

    private static boolean isTrue(HttpExchange exchange, String parameter) {
        return "true".equalsIgnoreCase(exchange.query(parameter));
    }
}
