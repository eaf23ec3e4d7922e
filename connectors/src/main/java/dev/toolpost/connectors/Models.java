package dev.toolpost.connectors;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** The common models that unified views map to, each a JSON Schema (2020-12) that comes with Toolpost. Pure. */
public final class Models {
    private static final Set<String> NAMES = Set.of("contact");

    private Models() {}

    public static Set<String> names() {
        return NAMES;
    }

    /**
     * The JSON Schema of a model, as text.
     *
     * @throws IllegalArgumentException where there is no such model
     */
    public static String schema(String model) {
        if (!NAMES.contains(model)) {
            throw new IllegalArgumentException("model '" + model + "' (expected: " + String.join(", ", NAMES) + ")");
        }
        try (InputStream schema = Models.class.getResourceAsStream("/models/" + model + ".schema.json")) {
            if (schema == null) {
                throw new IllegalStateException("models/" + model + ".schema.json is not in this build");
            }
            return new String(schema.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
