package dev.toolpost.connectors;

import java.util.Locale;

/** What a tool does to the vendor's data. */
public enum Effect {
    READ,
    WRITE,
    DELETE;

    static Effect of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** Whether the vendor's data is left as it is. */
    public boolean readsOnly() {
        return this == READ;
    }
}
