package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.PercentEncoding;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The access token of one connection, fetched and stored as a worker does it: under the store's intent, so that no worker refreshes at
 * the same time, and saved before anybody uses it. Tells what was asked; not thread-safe.
 */
public final class TokenTrial implements AutoCloseable {
    private final AccessTokens tokens;

    /**
     * A request for a token, without anything that is secret.
     *
     * @param url without its query, and with what the secret holds masked
     * @param status of the answer, or null without one
     */
    public record Asked(String method, String url, @Nullable Integer status, Duration took) {}

    /** @param told of each request for a token, on another thread, before anybody gets the token */
    public TokenTrial(
            CredentialStore store,
            VendorHttp http,
            Secret secret,
            Consumer<Asked> told,
            InstantSource clock,
            RandomGenerator random) {
        Refresher.TokenEndpoint watched = (request, deadlineNanos) -> {
            HttpOutcome outcome = http.exchange(request, deadlineNanos);
            told.accept(new Asked(request.method(), shown(request, secret), status(outcome), outcome.took()));
            return outcome;
        };
        this.tokens = new AccessTokens(
                "trial-" + UUID.randomUUID(),
                store,
                watched,
                new Unheard(),
                RefreshBounds.STANDARD,
                clock,
                System::nanoTime,
                random);
    }

    /** The connection with an access token that has not ended. */
    public Access current(StoredConnection stored, Connector connector, Auth.Fetched auth) throws InterruptedException {
        return tokens.current(stored, connector, auth, () -> true, deadlineNanos());
    }

    /** The connection with another access token than the one that the vendor rejected. */
    public Access replace(StoredConnection rejected, Connector connector, Auth.Fetched auth)
            throws InterruptedException {
        return tokens.replace(rejected, connector, auth, () -> true, deadlineNanos());
    }

    private static long deadlineNanos() {
        return System.nanoTime() + RefreshBounds.STANDARD.intentLife().toNanos();
    }

    private static String shown(VendorRequest request, Secret secret) {
        String url = request.uri().toString().replaceFirst("[?#].*", "");
        for (String name : secret.names()) {
            String value = String.valueOf(secret.get(name));
            String form = URLEncoder.encode(value, StandardCharsets.UTF_8);
            for (String each : List.of(value, form, form.replace("+", "%20"), PercentEncoding.segment(value))) {
                url = each.isEmpty() ? url : url.replace(each, "***");
            }
        }
        return url;
    }

    private static @Nullable Integer status(HttpOutcome outcome) {
        return switch (outcome) {
            case HttpOutcome.Answered answered -> answered.status();
            case HttpOutcome.TooLarge tooLarge -> tooLarge.status();
            case HttpOutcome.NotSent _, HttpOutcome.Unanswered _ -> null;
        };
    }

    /** Who tries a connector is told of the grant itself. */
    private static final class Unheard implements GrantEvents {
        @Override
        public void refreshed(ConnectionRecord connection) {}

        @Override
        public void reauthorizationRequired(ConnectionRecord connection, String message) {}
    }

    @Override
    public void close() {
        tokens.close();
    }
}
