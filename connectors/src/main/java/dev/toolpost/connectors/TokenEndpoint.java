package dev.toolpost.connectors;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An OAuth 2.0 token endpoint (RFC 6749, 3.2) and how it wants to be asked. Immutable.
 *
 * @param address templated by the connection's variables
 * @param method POST, or GET where the vendor wants it
 * @param format how the parameters are written
 * @param client how the client authenticates
 * @param clientAssertion what is signed where it authenticates by an assertion, else null
 * @param parameters further parameters, templated by the connection's variables and the secret's fields
 * @param headers further headers, templated likewise
 * @param moreFields fields that the secret has besides, for those templates
 * @param reply where the reply has its parts
 */
public record TokenEndpoint(
        BaseUrl address,
        String method,
        Format format,
        Client client,
        @Nullable Assertion clientAssertion,
        Map<String, TextTemplate> parameters,
        Map<String, TextTemplate> headers,
        List<String> moreFields,
        TokenFields reply) {

    public TokenEndpoint {
        parameters = Immutable.map(parameters);
        headers = Immutable.map(headers);
        moreFields = List.copyOf(moreFields);
    }

    /** How the parameters of a token request are written. */
    public enum Format {
        FORM,
        JSON,
        QUERY;

        static Format of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    /** How a client authenticates (RFC 6749, 2.3.1). */
    public enum Client {
        /** HTTP Basic of client id and secret, each form-encoded. */
        BASIC,
        /** {@code client_id} and {@code client_secret} as parameters. */
        BODY,
        /** {@code client_id} alone as a parameter: a public client, or one whose certificate says who it is (RFC 8705). */
        ID_ONLY,
        /** {@code client_id} and a signed {@code client_assertion} as parameters (RFC 7523, 2.2). */
        ASSERTION,
        /** Not at all. */
        NONE;

        static Client of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    /** Fields that the secret needs to ask here. */
    List<String> fields() {
        List<String> fields = new ArrayList<>(fields(client));
        fields.addAll(moreFields);
        return fields;
    }

    /** Fields that the secret needs for a client to authenticate. */
    static List<String> fields(Client client) {
        return switch (client) {
            case BASIC, BODY -> List.of(Auth.OAuth2.CLIENT_ID, Auth.OAuth2.CLIENT_SECRET);
            case ID_ONLY -> List.of(Auth.OAuth2.CLIENT_ID);
            case ASSERTION -> List.of(Auth.OAuth2.CLIENT_ID, Auth.PRIVATE_KEY);
            case NONE -> List.of();
        };
    }

    Set<String> templateNames() {
        Set<String> names = new LinkedHashSet<>();
        parameters.values().forEach(template -> names.addAll(template.arguments()));
        headers.values().forEach(template -> names.addAll(template.arguments()));
        if (clientAssertion != null) {
            names.addAll(clientAssertion.templateNames());
        }
        return names;
    }

    /**
     * Where a connection's tokens are fetched: over https, or at a loopback address.
     *
     * @param variables the connection's; those that are missing take their defaults
     * @throws InvalidVariableException where a value is missing, not what its variable may hold, or would send the client's secret in
     *     the clear
     */
    public URI url(Map<String, String> variables) {
        return address.resolveForSecrets(variables);
    }
}
