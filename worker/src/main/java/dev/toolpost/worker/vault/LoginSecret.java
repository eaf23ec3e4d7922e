package dev.toolpost.worker.vault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A secret that a login needs. Cannot print itself. */
public sealed interface LoginSecret {

    /**
     * The secret as it is now.
     *
     * @throws VaultUnavailableException where it cannot be read or cannot be one
     */
    String read();

    /**
     * The text itself.
     *
     * @param origin what to call it in messages
     */
    record Text(String origin, String value) implements LoginSecret {
        @Override
        public String read() {
            return usable(origin, value);
        }

        @Override
        public String toString() {
            return "Text[" + origin + ", redacted]";
        }
    }

    /** A file, read anew for every login, so that whoever rotates the secret need not restart anything. */
    record File(String origin, Path path) implements LoginSecret {
        @Override
        public String read() {
            try {
                return usable(origin + " " + path, Files.readString(path));
            } catch (IOException unreadable) {
                throw new VaultUnavailableException(
                        origin + ": " + path + " cannot be read (expected: a file with nothing but the secret)",
                        unreadable);
            }
        }
    }

    private static String usable(String origin, String value) {
        String stripped = value.strip();
        if (stripped.isEmpty()) {
            throw new VaultUnavailableException(origin + " is empty (expected: the secret)");
        }
        // It becomes a header, and an HTTP client that refuses one prints it.
        if (!stripped.chars().allMatch(each -> each > ' ' && each < 0x7f)) {
            throw new VaultUnavailableException(
                    origin
                            + " holds spaces, line breaks or other characters that no token has (expected: nothing but the secret)");
        }
        return stripped;
    }
}
