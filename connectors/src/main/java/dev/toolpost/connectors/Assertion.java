package dev.toolpost.connectors;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * A JSON Web Token that is signed with the secret {@code private_key} (RFC 7515, RFC 7519). The claims {@code iat}, {@code exp} and
 * {@code jti} are added where the definition has none of that name. Immutable.
 *
 * @param algorithm how it is signed
 * @param header further members of the JOSE header, such as {@code kid}
 * @param claims templated by the connection's variables and the secret's fields
 * @param lifetime from {@code iat} to {@code exp}
 */
public record Assertion(Algorithm algorithm, JsonTemplate header, JsonTemplate claims, Duration lifetime) {

    /** How long it is good for where the definition does not say. */
    public static final Duration DEFAULT_LIFETIME = Duration.ofMinutes(5);

    Set<String> templateNames() {
        Set<String> names = new LinkedHashSet<>(header.names());
        names.addAll(claims.names());
        return names;
    }

    /** Signatures of RFC 7518, 3.1. */
    public enum Algorithm {
        RS256,
        ES256;

        static Algorithm of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }
}
