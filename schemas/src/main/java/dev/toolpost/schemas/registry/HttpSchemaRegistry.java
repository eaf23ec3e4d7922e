package dev.toolpost.schemas.registry;

import dev.toolpost.schemas.registry.RegistryException.Kind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client for registries that speak Confluent's REST API. What it learnt stays cached: ids for ever, newest versions for a
 * minute, unknown ids for a short time so that poison costs one request and not one each. While the registry does not
 * answer, questions that the cache cannot answer fail at once between tries that lie further and further apart.
 *
 * <p>Thread-safe. Cached answers take no lock; a question to the registry goes out alone, the others wait for it.
 *
 * @see <a href="https://docs.confluent.io/platform/current/schema-registry/develop/api.html">Schema Registry API</a>
 */
public final class HttpSchemaRegistry implements SchemaRegistry, AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final long LATEST_FRESH_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int MAX_UNKNOWN_IDS = 1000;
    private static final int MAX_REFERENCES = 100;

    private final RegistrySettings settings;
    private final Timing timing;
    private final RegistryHttp http;

    private final ConcurrentHashMap<Integer, Schema> byId = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<SubjectSchema, Integer> ids = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Aged<Registered>> latest = new ConcurrentHashMap<>();

    private final ReentrantLock asking = new ReentrantLock();

    /** Guarded by {@link #asking}: when an id was found to be unknown, oldest first. */
    private final Map<Integer, Long> unknownSince = new LinkedHashMap<>();

    private record SubjectSchema(String subject, Schema schema) {}

    private record Aged<T>(T value, long sinceNanos) {}

    public HttpSchemaRegistry(RegistrySettings settings) {
        this(settings, Timing.system());
    }

    HttpSchemaRegistry(RegistrySettings settings, Timing timing) {
        this.settings = settings;
        this.timing = timing;
        this.http = new RegistryHttp(settings, timing);
    }

    @Override
    public Schema byId(int id) {
        Schema known = byId.get(id);
        if (known != null) {
            return known;
        }
        return alone(() -> {
            Schema meanwhile = byId.get(id);
            if (meanwhile != null) {
                return meanwhile;
            }
            Long since = unknownSince.get(id);
            if (since != null
                    && timing.nanoTime() - since < settings.unknownFor().toNanos()) {
                throw unknown(id, null);
            }
            Schema schema;
            try {
                schema = parse("schema id " + id, http.get("/schemas/ids/" + id));
            } catch (RegistryException e) {
                if (e.kind() == Kind.NOT_FOUND) {
                    rememberUnknown(id);
                    throw unknown(id, e);
                }
                throw e;
            }
            unknownSince.remove(id);
            byId.put(id, schema);
            return schema;
        });
    }

    @Override
    public int register(String subject, Schema schema) {
        return id(subject, schema, "/subjects/" + encode(subject) + "/versions");
    }

    @Override
    public int idOf(String subject, Schema schema) {
        return id(subject, schema, "/subjects/" + encode(subject));
    }

    @Override
    public Registered latest(String subject) {
        Aged<Registered> known = latest.get(subject);
        if (known != null && timing.nanoTime() - known.sinceNanos < LATEST_FRESH_NANOS) {
            return known.value;
        }
        return alone(() -> {
            JsonNode answer;
            try {
                answer = http.get("/subjects/" + encode(subject) + "/versions/latest");
            } catch (RegistryException e) {
                if (known != null && e.kind() == Kind.UNAVAILABLE) {
                    return known.value;
                }
                throw e;
            }
            Registered registered = new Registered(
                    answer.path("id").asInt(),
                    answer.path("version").asInt(),
                    parse("the newest version of subject " + subject, answer));
            byId.putIfAbsent(registered.id(), registered.schema());
            latest.put(subject, new Aged<>(registered, timing.nanoTime()));
            return registered;
        });
    }

    @Override
    public void close() {
        http.close();
    }

    private int id(String subject, Schema schema, String path) {
        SubjectSchema question = new SubjectSchema(subject, schema);
        Integer known = ids.get(question);
        if (known != null) {
            return known;
        }
        return alone(() -> {
            Integer meanwhile = ids.get(question);
            if (meanwhile != null) {
                return meanwhile;
            }
            String body = JSON.writeValueAsString(JSON.createObjectNode().put("schema", schema.toString()));
            JsonNode id = http.post(path, body, "schema " + schema.getFullName() + " under subject " + subject)
                    .path("id");
            if (!id.isInt()) {
                throw new RegistryException(
                        Kind.UNAVAILABLE, "the answer to POST " + path + " has no id: is this a schema registry?");
            }
            ids.put(question, id.intValue());
            return id.intValue();
        });
    }

    /** The schema in an answer, with the schemas that it refers to fetched first. */
    private Schema parse(String what, JsonNode answer) {
        String type = answer.path("schemaType").asString("AVRO");
        if (!type.equals("AVRO")) {
            throw new RegistryException(Kind.REJECTED, what + " is of type " + type + " (expected: AVRO)");
        }
        try {
            Schema.Parser parser = new Schema.Parser();
            addReferences(parser, answer, new LinkedHashMap<>());
            return parser.parse(answer.path("schema").asString(""));
        } catch (AvroRuntimeException e) {
            throw new RegistryException(Kind.REJECTED, what + " is no valid Avro schema: " + e.getMessage(), e);
        }
    }

    private void addReferences(Schema.Parser parser, JsonNode answer, Map<String, JsonNode> done) {
        for (JsonNode reference : answer.path("references")) {
            String path = "/subjects/" + encode(reference.path("subject").asString("")) + "/versions/"
                    + reference.path("version").asInt();
            if (done.containsKey(path)) {
                continue;
            }
            if (done.size() >= MAX_REFERENCES) {
                throw new RegistryException(Kind.REJECTED, "more than " + MAX_REFERENCES + " references");
            }
            JsonNode referred = http.get(path);
            done.put(path, referred);
            addReferences(parser, referred, done);
            parser.parse(referred.path("schema").asString(""));
        }
    }

    private void rememberUnknown(int id) {
        unknownSince.remove(id);
        unknownSince.put(id, timing.nanoTime());
        if (unknownSince.size() > MAX_UNKNOWN_IDS) {
            unknownSince.remove(unknownSince.keySet().iterator().next());
        }
    }

    private RegistryException unknown(int id, @Nullable Throwable cause) {
        return new RegistryException(
                Kind.NOT_FOUND, "schema id " + id + " is not known to the registry at " + settings.urls(), cause);
    }

    private <T> T alone(Supplier<T> question) {
        asking.lock();
        try {
            return question.get();
        } finally {
            asking.unlock();
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
