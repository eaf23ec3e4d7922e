package dev.toolpost.connectors;

import java.util.Locale;

/** What a successful answer of the vendor holds. An empty body is always allowed and becomes null. */
public enum ResponseKind {
    /** JSON, passed on byte for byte; anything else is malformed. */
    JSON,
    /** Text in the charset of the answer. */
    TEXT,
    /** Anything, passed on in Base64. */
    BINARY;

    static ResponseKind of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
