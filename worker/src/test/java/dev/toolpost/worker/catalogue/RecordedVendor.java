package dev.toolpost.worker.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.Models;
import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.Tool;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import dev.toolpost.worker.catalogue.ToolExchanges.Account;
import dev.toolpost.worker.catalogue.ToolExchanges.Wish;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.http.ScriptedServer;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.request.RequestProblemException;
import dev.toolpost.worker.request.SlicePlace;
import dev.toolpost.worker.view.UnifiedView;
import dev.toolpost.worker.view.UnmappableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    private final String vendor;
    private final JsonNode recorded;
    private final ScriptedServer server;
    private final ToolExchanges exchanges = new ToolExchanges();
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
        return Objects.requireNonNull(ToolExchanges.CATALOGUE.byVendor(vendor));
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
        String kind = script.path("auth")
                .asString(
                        recorded.path("connections").propertyNames().iterator().next());
        Wish wish = new Wish(
                vendor + "_" + exchange.tool(),
                script.has("arguments") ? script.path("arguments") : JSON.createObjectNode(),
                place(exchange, textOrNull(script.path("place"))),
                script.has("limit") ? Integer.valueOf(script.path("limit").asInt()) : null,
                textOrNull(script.path("idempotency_key")));
        VendorRequest request = exchanges.request(account(kind), wish);
        answer = script.path("answer");
        Verdict verdict = exchanges.send(wish, request, NOW);
        if (script.has("request")) {
            holdRequest(server.requests().getLast(), script);
        }
        hold(verdict, script.path("expect"), isCapped(exchange));
        if (script.path("expect").has("unified")) {
            holdUnified(
                    ToolExchanges.tool(wish.tool()).tool(),
                    (Verdict.Success) verdict,
                    script.path("expect").path("unified"));
        }
    }

    private static void holdUnified(Tool tool, Verdict.Success success, JsonNode expected) throws UnmappableException {
        UnifiedView view = Objects.requireNonNull(UnifiedView.of(tool), "unified view");
        JsonNode mapped = JSON.readTree(view.mapBody(success.body(), success.list()));
        assertThat(mapped).isEqualTo(JSON.readTree(expected.toString()));
        Schema model = SCHEMAS.getSchema(Models.schema(view.model()), InputFormat.JSON);
        for (JsonNode record : mapped.isArray() ? mapped : List.of(mapped)) {
            assertThat(model.validate(record.toString(), InputFormat.JSON)).isEmpty();
        }
    }

    private Account account(String kind) {
        JsonNode connection = recorded.path("connections").path(kind);
        return Account.of(vendor, kind, texts(connection.path("variables")), texts(connection.path("secret")));
    }

    private Map<String, String> texts(JsonNode members) {
        Map<String, String> texts = new LinkedHashMap<>();
        members.properties()
                .forEach(member ->
                        texts.put(member.getKey(), here(member.getValue().asString())));
        return texts;
    }

    /** The first line and every header that is named must be there; the body must be this and nothing else. */
    private static void holdRequest(String sent, JsonNode script) {
        int headEnds = sent.indexOf("\r\n\r\n");
        List<String> head = sent.substring(0, headEnds).lines().toList();
        List<String> lines = script.path("request")
                .asString()
                .strip()
                .lines()
                .map(String::strip)
                .toList();
        assertThat(head.getFirst()).isEqualTo(lines.getFirst() + " HTTP/1.1");
        assertThat(head).containsAll(lines.subList(1, lines.size()));
        String sentBody = sent.substring(headEnds + 4);
        JsonNode body = script.path("body");
        if (script.has("message")) {
            holdMessage(JSON.readTree(sentBody), script.path("message"));
        } else if (body.isMissingNode()) {
            assertThat(sentBody).isEmpty();
        } else if (body.isString()) {
            assertThat(sentBody).isEqualTo(body.asString().strip());
        } else {
            assertThat(JSON.readTree(sentBody)).isEqualTo(JSON.readTree(body.toString()));
        }
    }

    /** An internet message in base64url at a place of the body: its headers, its text where there is only one, and what stands beside it. */
    private static void holdMessage(JsonNode body, JsonNode expected) {
        String at = expected.path("at").asString();
        String message = new String(Base64.getUrlDecoder().decode(body.at(at).asString()), StandardCharsets.UTF_8);
        int headEnds = message.indexOf("\r\n\r\n");
        List<String> head = message.substring(0, headEnds).lines().toList();
        expected.path("headers")
                .properties()
                .forEach(header -> assertThat(head)
                        .contains(header.getKey() + ": " + header.getValue().asString()));
        if (expected.has("text")) {
            assertThat(new String(
                            Base64.getMimeDecoder().decode(message.substring(headEnds + 4)), StandardCharsets.UTF_8))
                    .isEqualTo(expected.path("text").asString());
        }
        expected.path("others")
                .properties()
                .forEach(other -> assertThat(body.path(other.getKey()).asString())
                        .isEqualTo(other.getValue().asString()));
    }

    private boolean isCapped(Exchange exchange) {
        Paging paging =
                ToolExchanges.tool(vendor + "_" + exchange.tool()).tool().paging();
        return paging != null && paging.cap() != null;
    }

    /** Where a vendor caps the list, a recorded place is the one within the list that was begun. */
    private @Nullable String place(Exchange exchange, @Nullable String recordedPlace) {
        return recordedPlace == null || !isCapped(exchange)
                ? recordedPlace
                : new SlicePlace(recordedPlace, 1, 1, null, SlicePlace.Order.NONE, null, List.of(), List.of(), false)
                        .text();
    }

    private static void holdNext(@Nullable String next, JsonNode expected, boolean capped) {
        try {
            assertThat(capped && next != null ? SlicePlace.parse(next).at() : next)
                    .isEqualTo(textOrNull(expected.path("next")));
            assertThat(expected.has("cut")).isFalse();
        } catch (RequestProblemException end) {
            assertThat(end.code()).isEqualTo(ErrorCode.RESULT_TOO_LARGE);
            assertThat(end.getMessage()).contains(expected.path("cut").asString("no cut"));
        }
    }

    private static void hold(Verdict verdict, JsonNode expected, boolean capped) {
        String means = expected.path("means").asString("OK");
        assertThat(means(verdict)).as("%s", verdict).isEqualTo(means);
        switch (verdict) {
            case Verdict.Success success -> {
                holdNext(success.nextCursor(), expected, capped);
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

    static String means(Verdict verdict) {
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
        exchanges.close();
        server.close();
    }
}
