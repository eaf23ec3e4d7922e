package dev.toolpost.worker.rig;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.worker.classify.Classifier;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorHttpSettings;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.request.AskedPage;
import dev.toolpost.worker.request.RequestBuilder;
import dev.toolpost.worker.request.RequestProblemException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Calls tools of a connector the way the worker does, validation, request, HTTP and classification, without a broker, limits and retries: for what a single
 * exchange, or the pages of a list, can show. Not thread-safe.
 */
public final class DirectCalls implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Instant NOW = Instant.parse("2026-11-02T10:00:00Z");
    private static final int MOST_PAGES = 2_000;

    private final ConnectorCatalogue catalogue;
    private final ConnectionRecord connection;
    private final Secret secret;
    private @Nullable VendorHttp http;

    /**
     * Calls through a connection.
     *
     * @param auth the auth kind, or the entry's id
     * @param variables of the connection
     */
    public DirectCalls(
            ConnectorCatalogue catalogue, String vendor, String auth, Map<String, String> variables, Secret secret) {
        this.catalogue = catalogue;
        this.connection =
                new ConnectionRecord("acme", vendor + "-main", vendor, auth, variables, Map.of(), Set.of(), Map.of());
        this.secret = secret;
    }

    /** A page of a list, or a whole result. */
    public record Answer(Verdict verdict) {

        /** The result, after making sure that there is one. */
        public JsonNode ok() {
            assertThat(verdict).isInstanceOf(Verdict.Success.class);
            return JSON.readTree(((Verdict.Success) verdict).body());
        }

        /** The error, after making sure that there is one. */
        public Verdict.Failure failure() {
            assertThat(verdict).isInstanceOf(Verdict.Failure.class);
            return (Verdict.Failure) verdict;
        }

        /** {@code OK}, {@code THROTTLED}, {@code TRANSIENT}, {@code EXPIRED_CREDENTIAL}, {@code MOVED}, or the code of a final error. */
        public String meaning() {
            return DirectCalls.meaning(verdict);
        }

        @Override
        public String toString() {
            return verdict instanceof Verdict.Success success
                    ? new String(success.body(), StandardCharsets.UTF_8)
                    : verdict.toString();
        }
    }

    /** The request that a call makes, its arguments held against the tool's schema first. */
    public VendorRequest request(String tool, String arguments, @Nullable String place) throws RequestProblemException {
        ToolRef ref = tool(tool);
        JsonNode values = JSON.readTree(arguments);
        assertThat(ref.validator().validate(values))
                .as("%s %s", tool, arguments)
                .isEmpty();
        return RequestBuilder.build(
                ref.connector(),
                ref.tool(),
                values,
                connection,
                RequestBuilder.baseUrl(ref.connector(), connection),
                secret,
                place,
                null,
                ref.tool().idempotencyKeyHeader() == null ? null : "key-1");
    }

    /** Makes one exchange. */
    public Answer call(String tool, String arguments) throws RequestProblemException {
        return call(tool, arguments, null);
    }

    /** Makes one exchange for the page at a place, as the page before gave it. */
    public Answer call(String tool, String arguments, @Nullable String place) throws RequestProblemException {
        VendorRequest request = request(tool, arguments, place);
        HttpOutcome outcome = http().exchange(
                        request, System.nanoTime() + Duration.ofSeconds(10).toNanos());
        return new Answer(classify(tool, arguments, place, request, outcome));
    }

    private VendorHttp http() {
        VendorHttp open = http;
        if (open == null) {
            open = new VendorHttp(
                    VendorHttpSettings.DEFAULTS.withAddresses(AddressPolicy.allowing(List.of("127.0.0.0/8"))));
            http = open;
        }
        return open;
    }

    private Verdict classify(
            String tool, String arguments, @Nullable String place, VendorRequest request, HttpOutcome outcome) {
        ToolRef ref = tool(tool);
        AskedPage asked = AskedPage.of(ref.tool(), request, JSON.readTree(arguments), place, null);
        return Classifier.classify(ref.connector(), ref.tool(), outcome, asked, NOW);
    }

    /** All pages of a list, to its end; a place that comes twice fails. */
    public List<JsonNode> pages(String tool, String arguments) throws RequestProblemException {
        List<JsonNode> pages = new ArrayList<>();
        Set<String> places = new HashSet<>();
        String place = null;
        do {
            Answer page = call(tool, arguments, place);
            assertThat(page.meaning()).as("%s: %s", tool, page).isEqualTo("OK");
            pages.add(page.ok());
            place = ((Verdict.Success) page.verdict()).nextCursor();
            assertThat(place == null || places.add(place))
                    .as("%s: %s", tool, place)
                    .isTrue();
        } while (place != null && pages.size() < MOST_PAGES);
        return pages;
    }

    /** The records of all pages of a list. */
    public List<JsonNode> records(String tool, String arguments) throws RequestProblemException {
        List<JsonNode> records = new ArrayList<>();
        for (JsonNode page : pages(tool, arguments)) {
            page.at(Objects.requireNonNull(tool(tool).tool().paging(), tool).records())
                    .forEach(records::add);
        }
        return records;
    }

    private ToolRef tool(String name) {
        return Objects.requireNonNull(catalogue.byTool(name), name);
    }

    static String meaning(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Success _ -> "OK";
            case Verdict.Throttled _ -> "THROTTLED";
            case Verdict.Retryable _ -> "TRANSIENT";
            case Verdict.CredentialRejected _ -> "EXPIRED_CREDENTIAL";
            case Verdict.Moved _ -> "MOVED";
            case Verdict.Failed failed -> failed.error().code().name();
        };
    }

    @Override
    public void close() {
        if (http != null) {
            http.close();
        }
    }
}
