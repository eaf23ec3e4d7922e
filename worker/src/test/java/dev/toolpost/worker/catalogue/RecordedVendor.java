package dev.toolpost.worker.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.toolpost.connectors.ArgumentProblem;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.Models;
import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.schemas.FieldProblem;
import dev.toolpost.worker.classify.Classifier;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.ScriptedServer;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorHttpSettings;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.request.AskedPage;
import dev.toolpost.worker.request.RequestBuilder;
import dev.toolpost.worker.request.RequestProblemException;
import dev.toolpost.worker.view.UnifiedView;
import dev.toolpost.worker.view.UnmappableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Plays exchanges that a vendor documents, one by one, as the worker makes them: arguments, request, HTTP, judgement, next page. They
 * are in {@code recorded/VENDOR.yaml}: what is asked of a tool, the request that must leave, the answer, and what it must mean.
 */
final class RecordedVendor implements AutoCloseable {

    /** The moment of all exchanges. */
    static final Instant NOW = Instant.parse("2026-11-02T09:00:00Z");

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final ConnectorCatalogue CATALOGUE = ConnectorCatalogue.bundled();

    private final String vendor;
    private final JsonNode recorded;
    private final ScriptedServer server;
    private final VendorHttp http =
            new VendorHttp(VendorHttpSettings.DEFAULTS.withAddresses(AddressPolicy.allowing(List.of("127.0.0.0/8"))));
    private volatile JsonNode answer = JSON.nullNode();

    RecordedVendor(String vendor) throws IOException {
        this.vendor = vendor;
        try (InputStream in = Objects.requireNonNull(
                RecordedVendor.class.getResourceAsStream("/recorded/" + vendor + ".yaml"), vendor)) {
            this.recorded = YAML.readTree(in);
        }
        this.server = new ScriptedServer(connection -> {
            while (connection.readRequest()) {
                connection.write(written(answer));
            }
        });
    }

    Connector connector() {
        return Objects.requireNonNull(CATALOGUE.byVendor(vendor));
    }

    /** One exchange by its sentence. */
    record Exchange(String name, JsonNode script) {
        String tool() {
            return script.path("tool").asString();
        }

        boolean succeeds() {
            return script.path("expect").path("means").asString("OK").equals("OK");
        }
    }

    List<Exchange> exchanges() {
        return recorded.path("exchanges")
                .valueStream()
                .map(each -> new Exchange(vendor + ": " + each.path("it").asString(), each))
                .toList();
    }

    /** Plays one exchange and holds it against what it must be. */
    void play(Exchange exchange) throws RequestProblemException, UnmappableException {
        JsonNode script = exchange.script();
        ToolRef ref = Objects.requireNonNull(CATALOGUE.byTool(vendor + "_" + exchange.tool()), exchange.tool());
        JsonNode arguments = script.has("arguments") ? script.path("arguments") : JSON.createObjectNode();
        assertThat(ref.validator().validate(arguments))
                .extracting(ArgumentProblem::path, ArgumentProblem::message)
                .isEmpty();
        String kind = script.path("auth")
                .asString(
                        recorded.path("connections").propertyNames().iterator().next());
        ConnectionRecord connection = connection(kind);
        String place = textOrNull(script.path("place"));
        Integer limit =
                script.has("limit") ? Integer.valueOf(script.path("limit").asInt()) : null;
        VendorRequest request = RequestBuilder.build(
                ref.connector(),
                ref.tool(),
                arguments,
                connection,
                RequestBuilder.baseUrl(ref.connector(), connection),
                secret(kind),
                place,
                limit,
                textOrNull(script.path("idempotency_key")));
        answer = script.path("answer");
        HttpOutcome outcome = http.exchange(request, System.nanoTime() + TimeUnit.SECONDS.toNanos(20));
        if (script.has("request")) {
            holdRequest(server.requests().getLast(), script.path("request"), script.path("body"));
        }
        AskedPage asked = AskedPage.of(ref.tool(), request, arguments, place, limit);
        Verdict verdict = Classifier.classify(ref.connector(), ref.tool(), outcome, asked, NOW);
        hold(verdict, script.path("expect"));
        if (script.path("expect").has("unified")) {
            holdUnified(
                    ref.tool(), (Verdict.Success) verdict, script.path("expect").path("unified"));
        }
    }

    private static void holdUnified(Tool tool, Verdict.Success success, JsonNode expected) throws UnmappableException {
        UnifiedView view = Objects.requireNonNull(UnifiedView.of(tool), "unified view");
        JsonNode mapped = JSON.readTree(view.mapBody(success.body()));
        assertThat(mapped).isEqualTo(JSON.readTree(expected.toString()));
        Schema model = SCHEMAS.getSchema(Models.schema(view.model()), InputFormat.JSON);
        for (JsonNode record : mapped.isArray() ? mapped : List.of(mapped)) {
            assertThat(model.validate(record.toString(), InputFormat.JSON)).isEmpty();
        }
    }

    private ConnectionRecord connection(String kind) {
        Map<String, String> variables = new LinkedHashMap<>();
        recorded.path("connections")
                .path(kind)
                .path("variables")
                .properties()
                .forEach(variable -> variables.put(
                        variable.getKey(), here(variable.getValue().asString())));
        return new ConnectionRecord("tenant", "conn", vendor, kind, variables, Map.of(), Set.of(), Map.of());
    }

    private Secret secret(String kind) {
        Map<String, String> fields = new LinkedHashMap<>();
        recorded.path("connections")
                .path(kind)
                .path("secret")
                .properties()
                .forEach(field -> fields.put(field.getKey(), field.getValue().asString()));
        return Secret.of(fields);
    }

    /** The first line and every header that is named must be there; the body must be this and nothing else. */
    private static void holdRequest(String sent, JsonNode expected, JsonNode body) {
        int headEnds = sent.indexOf("\r\n\r\n");
        List<String> head = sent.substring(0, headEnds).lines().toList();
        List<String> lines =
                expected.asString().strip().lines().map(String::strip).toList();
        assertThat(head.getFirst()).isEqualTo(lines.getFirst() + " HTTP/1.1");
        assertThat(head).containsAll(lines.subList(1, lines.size()));
        String sentBody = sent.substring(headEnds + 4);
        if (body.isMissingNode()) {
            assertThat(sentBody).isEmpty();
        } else if (body.isString()) {
            assertThat(sentBody).isEqualTo(body.asString().strip());
        } else {
            assertThat(JSON.readTree(sentBody)).isEqualTo(JSON.readTree(body.toString()));
        }
    }

    private static void hold(Verdict verdict, JsonNode expected) {
        String means = expected.path("means").asString("OK");
        assertThat(means(verdict)).as("%s", verdict).isEqualTo(means);
        switch (verdict) {
            case Verdict.Success success -> {
                assertThat(success.nextCursor()).isEqualTo(textOrNull(expected.path("next")));
                if (expected.has("records")) {
                    assertThat(success.records())
                            .isEqualTo(expected.path("records").asLong());
                }
            }
            case Verdict.Throttled throttled -> assertWait(throttled.retryAfter(), expected);
            case Verdict.Retryable retryable -> {
                assertWait(retryable.retryAfter(), expected);
                assertThat(retryable.error().code().name())
                        .isEqualTo(expected.path("ends_as").asString("UNAVAILABLE"));
                assertThat(retryable.provablyNotProcessed())
                        .as("not processed")
                        .isEqualTo(expected.path("not_processed").asBoolean(false));
            }
            case Verdict.Moved moved ->
                assertThat(moved.place()).isEqualTo(expected.path("place").asString());
            case Verdict.CredentialRejected rejected -> {}
            case Verdict.Failed failed -> {}
        }
        if (verdict instanceof Verdict.Failure failure) {
            holdError(failure.error(), expected);
        }
    }

    private static void holdError(VendorError error, JsonNode expected) {
        if (expected.has("message")) {
            assertThat(error.message()).isEqualTo(expected.path("message").asString());
        }
        if (expected.has("vendor_code")) {
            assertThat(error.vendorCode())
                    .isEqualTo(expected.path("vendor_code").asString());
        }
        if (expected.has("fields")) {
            Map<String, String> fields = new LinkedHashMap<>();
            expected.path("fields")
                    .properties()
                    .forEach(
                            field -> fields.put(field.getKey(), field.getValue().asString()));
            Map<String, String> found = new LinkedHashMap<>();
            for (FieldProblem problem : error.fields()) {
                found.put(problem.path(), problem.message());
            }
            assertThat(found).isEqualTo(fields);
        }
        if (expected.has("remedy")) {
            assertThat(error.remedy()).contains(expected.path("remedy").asString());
        }
    }

    private static void assertWait(@Nullable Duration wait, JsonNode expected) {
        assertThat(wait == null ? null : wait.toString()).as("wait").isEqualTo(textOrNull(expected.path("wait")));
    }

    private static String means(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Success success -> "OK";
            case Verdict.Throttled throttled -> "THROTTLED";
            case Verdict.Retryable retryable -> "TRANSIENT";
            case Verdict.CredentialRejected rejected -> "EXPIRED_CREDENTIAL";
            case Verdict.Moved moved -> "REDIRECT";
            case Verdict.Failed failed -> failed.error().code().name();
        };
    }

    private String written(JsonNode answer) {
        JsonNode body = answer.path("body");
        String text = here(body.isMissingNode() ? "" : body.isString() ? body.asString() : body.toString());
        StringBuilder written =
                new StringBuilder("HTTP/1.1 " + answer.path("status").asInt(200) + " Recorded\r\n");
        if (!answer.path("headers").has("Content-Type") && !text.isEmpty()) {
            written.append("Content-Type: application/json; charset=utf-8\r\n");
        }
        answer.path("headers")
                .properties()
                .forEach(header -> written.append(header.getKey())
                        .append(": ")
                        .append(here(header.getValue().asString()))
                        .append("\r\n"));
        if (answer.path("status").asInt(200) != 204) {
            written.append("Content-Length: ")
                    .append(text.getBytes(StandardCharsets.UTF_8).length)
                    .append("\r\n");
        }
        return written.append("\r\n").append(text).toString();
    }

    /** The text with the server's address in place. */
    private String here(String text) {
        return text.replace("{server}", server.uri("").toString());
    }

    private static @Nullable String textOrNull(JsonNode node) {
        return node.isMissingNode() || node.isNull() ? null : node.asString();
    }

    @Override
    public void close() throws IOException {
        http.close();
        server.close();
    }
}
