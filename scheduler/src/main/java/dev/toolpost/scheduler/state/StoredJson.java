package dev.toolpost.scheduler.state;

import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Records as stores and topics between processors have them: JSON behind a byte that says the version of its form. Stateless. */
public final class StoredJson {

    private static final byte FORM = 1;
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private StoredJson() {}

    /** Anything that Jackson writes. */
    public static byte[] write(Object value) {
        byte[] json = MAPPER.writeValueAsBytes(value);
        byte[] bytes = new byte[1 + json.length];
        bytes[0] = FORM;
        System.arraycopy(json, 0, bytes, 1, json.length);
        return bytes;
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IllegalStateException for another version's
     */
    public static <T> T read(byte[] bytes, Class<T> type) {
        if (bytes.length == 0 || bytes[0] != FORM) {
            throw new IllegalStateException("a stored " + type.getSimpleName() + " of version "
                    + (bytes.length == 0 ? "none" : bytes[0]) + " (expected: " + FORM
                    + "): the state is of another version, run that");
        }
        return MAPPER.readValue(bytes, 1, bytes.length - 1, type);
    }
}
