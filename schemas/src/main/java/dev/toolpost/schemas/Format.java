package dev.toolpost.schemas;

import java.util.Optional;

/** The two forms of a message's value: Avro in Confluent's framing, or plain JSON with the same field names. */
public enum Format {
    AVRO("avro"),
    JSON("json");

    private final String wireName;

    Format(String wireName) {
        this.wireName = wireName;
    }

    /** The name used inside messages and on the command line: {@code avro} or {@code json}. */
    public String wireName() {
        return wireName;
    }

    public static Optional<Format> fromWireName(String name) {
        for (Format format : values()) {
            if (format.wireName.equals(name)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }
}
