package dev.toolpost.worker.config;

import dev.toolpost.worker.paging.CursorKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the keys that seal cursors, from the configuration itself or from a file of {@code id:key} lines. */
final class CursorKeys {
    private static final int BYTES = 32;
    private static final String EXPECTED =
            "id:key, the id of 1 to 16 letters, digits, hyphens or underscores, the key as base64 of " + BYTES
                    + " bytes, made for instance by `openssl rand -base64 " + BYTES + "`";

    private CursorKeys() {}

    static List<CursorKey> read(List<Setting.Item> items, @Nullable Path file, List<String> problems) {
        List<CursorKey> keys = new ArrayList<>();
        for (Setting.Item item : items) {
            String text = item.text();
            CursorKey key = text == null
                    ? key(item.fields().getOrDefault("id", ""), item.fields().getOrDefault("key", ""))
                    : key(text);
            add(keys, key, item.origin() + ": cursor_keys", problems);
        }
        if (file != null) {
            try {
                int number = 0;
                for (String line : Files.readAllLines(file)) {
                    number++;
                    if (!line.isBlank() && !line.startsWith("#")) {
                        add(keys, key(line.strip()), file + ":" + number, problems);
                    }
                }
            } catch (IOException e) {
                problems.add("cursor_key_file: " + file + " cannot be read (" + e + ")");
            }
        }
        return List.copyOf(keys);
    }

    private static void add(List<CursorKey> keys, @Nullable CursorKey key, String origin, List<String> problems) {
        if (key == null) {
            // The value is a secret, so the message does not repeat it.
            problems.add(origin + ": not a cursor key (expected: " + EXPECTED + ")");
        } else if (keys.stream().anyMatch(other -> other.id().equals(key.id()))) {
            problems.add(origin + ": a second key with the id " + key.id() + " (expected: one key per id)");
        } else {
            keys.add(key);
        }
    }

    private static @Nullable CursorKey key(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? null : key(text.substring(0, colon), text.substring(colon + 1));
    }

    private static @Nullable CursorKey key(String id, String base64) {
        try {
            byte[] key = Base64.getDecoder().decode(base64.strip());
            return !id.matches("[A-Za-z0-9_-]{1,16}") || key.length != BYTES ? null : new CursorKey(id, key);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
