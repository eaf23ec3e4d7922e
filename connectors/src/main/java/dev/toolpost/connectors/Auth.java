package dev.toolpost.connectors;

import java.util.List;

/**
 * One way to authenticate at a vendor. The connection's auth kind selects it; the secret's fields are named by {@link #secretFields()}.
 * Immutable. Schemes with tokens that are fetched or refreshed become further records here.
 */
public sealed interface Auth {

    /** The kind as definitions and connections spell it. */
    String kind();

    /** Where a person finds the secret, or empty. */
    String hint();

    /** Names of the secret's fields, in the order in which a person is asked for them. */
    List<String> secretFields();

    /** Nothing is sent. */
    record None(String hint) implements Auth {
        public static final String KIND = "none";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> secretFields() {
            return List.of();
        }
    }

    /**
     * The secret {@code key} in a header.
     *
     * @param name the header
     * @param prefix put before the key as it is, a trailing space included; often empty
     */
    record ApiKeyHeader(String name, String prefix, String hint) implements Auth {
        public static final String KIND = "api_key_header";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> secretFields() {
            return List.of("key");
        }
    }

    /**
     * The secret {@code key} in the query; such URLs are redacted wherever they are shown.
     *
     * @param name the query parameter
     */
    record ApiKeyQuery(String name, String hint) implements Auth {
        public static final String KIND = "api_key_query";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> secretFields() {
            return List.of("key");
        }
    }

    /** HTTP Basic (RFC 7617) of the secrets {@code username} and {@code password}, UTF-8. */
    record Basic(String hint) implements Auth {
        public static final String KIND = "basic";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> secretFields() {
            return List.of("username", "password");
        }
    }

    /** The secret {@code token} as {@code Authorization: Bearer} (RFC 6750). */
    record Bearer(String hint) implements Auth {
        public static final String KIND = "bearer";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public List<String> secretFields() {
            return List.of("token");
        }
    }
}
