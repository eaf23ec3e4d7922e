package dev.toolpost.worker.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.ArgumentDefaults;
import dev.toolpost.connectors.ArgumentProblem;
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
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Single exchanges of bundled tools as the worker makes them, without a worker: arguments, request, HTTP, judgement, next page. */
final class ToolExchanges implements AutoCloseable {

    static final ConnectorCatalogue CATALOGUE = ConnectorCatalogue.bundled();

    private static final JsonMapper JSON = JsonMapper.shared();

    private final VendorHttp http =
            new VendorHttp(VendorHttpSettings.DEFAULTS.withAddresses(AddressPolicy.allowing(List.of("127.0.0.0/8"))));

    /** Whom an exchange is with. */
    record Account(ConnectionRecord connection, Secret secret) {
        static Account of(String vendor, String auth, Map<String, String> variables, Map<String, String> secret) {
            return new Account(
                    new ConnectionRecord("tenant", "conn", vendor, auth, variables, Map.of(), Set.of(), Map.of()),
                    Secret.of(secret));
        }
    }

    /**
     * What is asked of a tool.
     *
     * @param tool its full name
     * @param place of the page, or null for the first
     * @param limit records of a page, or null
     * @param idempotencyKey or null
     */
    record Wish(
            String tool,
            JsonNode arguments,
            @Nullable String place,
            @Nullable Integer limit,
            @Nullable String idempotencyKey) {
        static Wish of(String tool, String arguments) {
            return new Wish(tool, JSON.readTree(arguments), null, null, null);
        }

        Wish at(@Nullable String newPlace) {
            return new Wish(tool, arguments, newPlace, limit, idempotencyKey);
        }

        Wish withKey(String key) {
            return new Wish(tool, arguments, place, limit, key);
        }
    }

    static ToolRef tool(String name) {
        return Objects.requireNonNull(CATALOGUE.byTool(name), name);
    }

    /** With the defaults of what a call leaves out, as the worker fills them in. */
    private static Wish filled(Wish wish) {
        ObjectNode arguments =
                ArgumentDefaults.of(tool(wish.tool()).tool()).fillIn((ObjectNode) wish.arguments(), null);
        return new Wish(wish.tool(), arguments, wish.place(), wish.limit(), wish.idempotencyKey());
    }

    /** Makes one exchange; its arguments must be what the tool takes. A redirect that is to be followed is followed once, as the worker does. */
    Verdict make(Account account, Wish wish, Instant now) throws RequestProblemException {
        VendorRequest request = request(account, wish);
        Verdict verdict = send(wish, request, now);
        return verdict instanceof Verdict.Moved(String place, var _)
                ? send(
                        wish,
                        RequestBuilder.moved(
                                request,
                                place,
                                tool(wish.tool()).connector(),
                                tool(wish.tool()).tool(),
                                account.connection(),
                                account.secret()),
                        now)
                : verdict;
    }

    VendorRequest request(Account account, Wish asked) throws RequestProblemException {
        Wish wish = filled(asked);
        ToolRef ref = tool(wish.tool());
        assertThat(ref.validator().validate(wish.arguments()))
                .extracting(ArgumentProblem::path, ArgumentProblem::message)
                .isEmpty();
        return RequestBuilder.build(
                ref.connector(),
                ref.tool(),
                wish.arguments(),
                account.connection(),
                RequestBuilder.baseUrl(ref.connector(), ref.tool(), account.connection()),
                account.secret(),
                wish.place(),
                wish.limit(),
                wish.idempotencyKey());
    }

    Verdict send(Wish asking, VendorRequest request, Instant now) {
        Wish wish = filled(asking);
        ToolRef ref = tool(wish.tool());
        HttpOutcome outcome = http.exchange(request, System.nanoTime() + TimeUnit.SECONDS.toNanos(20));
        AskedPage asked = AskedPage.of(ref.tool(), request, wish.arguments(), wish.place(), wish.limit());
        return Classifier.classify(ref.connector(), ref.tool(), outcome, asked, now);
    }

    @Override
    public void close() {
        http.close();
    }
}
