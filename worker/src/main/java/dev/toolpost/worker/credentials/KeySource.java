package dev.toolpost.worker.credentials;

import java.nio.file.Path;
import java.util.Map;

/** Where the key of the local credential store comes from: 32 random bytes in base64. */
public sealed interface KeySource {

    /** Environment variable that holds the key itself. */
    String VARIABLE = "TOOLPOST_CREDENTIALS_KEY";

    /** The environment's key if it names one, otherwise the key file. */
    static KeySource from(Map<String, String> environment, Path keyFile) {
        String text = environment.get(VARIABLE);
        return text == null || text.isBlank() ? new KeyFile(keyFile) : new KeyText(VARIABLE, text);
    }

    /** A file that only its owner may read; created together with a new store. */
    record KeyFile(Path path) implements KeySource {}

    /**
     * The key as text.
     *
     * @param origin what to call it in messages
     */
    record KeyText(String origin, String base64) implements KeySource {
        @Override
        public String toString() {
            return "KeyText[" + origin + ", redacted]";
        }
    }
}
