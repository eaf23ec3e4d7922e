package dev.toolpost.schemas.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A registry for tests with the REST calls that serdes make, and scripted trouble before them. */
public final class RegistryServer implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, List<Integer>> subjects = new LinkedHashMap<>();
    private final List<ObjectNode> schemas = new ArrayList<>();
    private final Queue<Trouble> troubles = new ArrayDeque<>();
    private @Nullable String requiredAuthorization;
    public final List<String> requests = new CopyOnWriteArrayList<>();
    public final List<String> authorizations = new CopyOnWriteArrayList<>();

    /** Something that happens instead of an answer. */
    public interface Trouble {
        void happen(HttpExchange exchange) throws IOException;
    }

    public RegistryServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    public synchronized void then(Trouble trouble) {
        troubles.add(trouble);
    }

    public void thenStatus(int status, int times) {
        for (int i = 0; i < times; i++) {
            then(exchange -> answer(exchange, status, "{\"error_code\":" + status + "01,\"message\":\"made up\"}"));
        }
    }

    public void require(String authorization) {
        requiredAuthorization = authorization;
    }

    /** Adds a schema without checks, as somebody else would have registered it. */
    public synchronized int add(String subject, String schema, String type, String references) {
        ObjectNode entry = JSON.createObjectNode().put("schema", schema).put("schemaType", type);
        entry.set("references", JSON.readTree(references));
        return addEntry(subject, entry);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Trouble trouble;
            synchronized (this) {
                requests.add(exchange.getRequestMethod() + " "
                        + exchange.getRequestURI().getRawPath());
                String authorization = exchange.getRequestHeaders().getFirst("Authorization");
                authorizations.add(authorization == null ? "" : authorization);
                trouble = troubles.poll();
                if (trouble == null) {
                    respond(exchange, authorization);
                }
            }
            if (trouble != null) {
                trouble.happen(exchange);
            }
        }
    }

    private void respond(HttpExchange exchange, @Nullable String authorization) throws IOException {
        if (requiredAuthorization != null && !requiredAuthorization.equals(authorization)) {
            answer(exchange, 401, "{\"error_code\":401,\"message\":\"Unauthorized\"}");
            return;
        }
        String[] path = exchange.getRequestURI().getRawPath().substring(1).split("/", -1);
        String subject = path.length > 1 ? URLDecoder.decode(path[1], StandardCharsets.UTF_8) : "";
        boolean post = exchange.getRequestMethod().equals("POST");
        if (!post && path[0].equals("schemas") && path.length >= 3) {
            int id = Integer.parseInt(path[2]);
            boolean known = id >= 1 && id <= schemas.size();
            answer(exchange, known ? 200 : 404, known ? schemas.get(id - 1).toString() : notFound(40403, "Schema"));
        } else if (post && path[0].equals("subjects") && path.length == 3) {
            JsonNode body = JSON.readTree(exchange.getRequestBody());
            ObjectNode entry =
                    JSON.createObjectNode().put("schema", body.path("schema").asString());
            answer(exchange, 200, "{\"id\":" + addEntry(subject, entry) + "}");
        } else if (post && path[0].equals("subjects") && path.length == 2) {
            Schema schema = parse(JSON.readTree(exchange.getRequestBody()));
            for (int id : subjects.getOrDefault(subject, List.of())) {
                if (parse(schemas.get(id - 1)).equals(schema)) {
                    answer(exchange, 200, version(subject, id));
                    return;
                }
            }
            answer(exchange, 404, notFound(40403, "Schema"));
        } else if (!post && path[0].equals("subjects") && path.length == 4) {
            List<Integer> ids = subjects.get(subject);
            if (ids == null) {
                answer(exchange, 404, notFound(40401, "Subject '" + subject + "'"));
            } else {
                int index = path[3].equals("latest") ? ids.size() - 1 : Integer.parseInt(path[3]) - 1;
                answer(exchange, 200, version(subject, ids.get(index)));
            }
        } else {
            answer(exchange, 404, notFound(404, "HTTP 404"));
        }
    }

    private int addEntry(String subject, ObjectNode entry) {
        int id = schemas.indexOf(entry) + 1;
        if (id == 0) {
            schemas.add(entry);
            id = schemas.size();
        }
        List<Integer> ids = subjects.computeIfAbsent(subject, _ -> new ArrayList<>());
        if (!ids.contains(id)) {
            ids.add(id);
        }
        return id;
    }

    private String version(String subject, int id) {
        int version = subjects.getOrDefault(subject, List.of()).indexOf(id) + 1;
        ObjectNode node = schemas.get(id - 1).deepCopy();
        return node.put("subject", subject)
                .put("id", id)
                .put("version", version)
                .toString();
    }

    private static Schema parse(JsonNode body) {
        return new Schema.Parser().parse(body.path("schema").asString());
    }

    private static String notFound(int code, String what) {
        return "{\"error_code\":" + code + ",\"message\":\"" + what + " not found\"}";
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/vnd.schemaregistry.v1+json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
