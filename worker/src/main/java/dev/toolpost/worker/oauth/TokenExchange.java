package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.InvalidVariableException;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.ClientCertificate;
import dev.toolpost.worker.http.VendorRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What it takes to fetch an access token: one request to a token endpoint, or the steps of a login. */
interface TokenExchange {

    /**
     * Makes everything ready, so that nothing can be wrong with the connection any more when the first request goes.
     *
     * @throws InvalidVariableException where a variable of the connection does not fit
     * @throws UnfitSecretException where the secret does not
     */
    static TokenExchange of(
            Auth.Fetched auth, Connector connector, StoredConnection stored, Instant now, RandomGenerator random)
            throws UnfitSecretException {
        ClientCertificate certificate = auth.clientCertificate() ? certificate(stored) : null;
        TemplateValues values = new TemplateValues(connector, stored);
        return switch (auth) {
            case Auth.AtTokenEndpoint endpoint -> {
                requireFields(stored, endpoint.endpoint().moreFields().toArray(String[]::new));
                VendorRequest request = TokenRequest.of(endpoint, stored, values, certificate, now, random);
                yield (sender, deadlineNanos, clock) -> TokenAnswer.read(
                        endpoint, stored.secret(), sender.exchange(request, deadlineNanos), clock.instant());
            }
            case Auth.Session session -> {
                requireFields(stored, session.fields().toArray(String[]::new));
                yield new SessionLogin(session, stored, values, certificate);
            }
        };
    }

    /** Runs to its end, within the deadline. */
    TokenAnswer run(Refresher.TokenEndpoint sender, long deadlineNanos, InstantSource clock);

    private static void requireFields(StoredConnection stored, String... fields) throws UnfitSecretException {
        for (String field : fields) {
            required(stored, field);
        }
    }

    /** A field of the secret. */
    static String required(StoredConnection stored, String field) throws UnfitSecretException {
        String value = stored.secret().get(field);
        if (value == null || value.isEmpty()) {
            throw new UnfitSecretException("the connection's secret has no " + field);
        }
        return value;
    }

    static @Nullable ClientCertificate certificate(StoredConnection stored) throws UnfitSecretException {
        try {
            return ClientCertificate.of(
                    stored.connection().id(), required(stored, Auth.CERTIFICATE), required(stored, Auth.PRIVATE_KEY));
        } catch (IllegalArgumentException unfit) {
            throw new UnfitSecretException("the connection's client certificate cannot be used: " + unfit.getMessage());
        }
    }
}
