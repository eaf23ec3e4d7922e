package dev.toolpost.worker.paging;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A key that seals cursors. Immutable; cannot print itself.
 *
 * <p>Every worker of an installation has the same keys. A new key is first given to all workers behind the current one, then put first.
 */
public final class CursorKey {

    private final String id;
    private final byte[] key;

    /**
     * A key.
     *
     * @param id names the key within a cursor, in the clear: 1 to 16 letters, digits, hyphens or underscores
     * @param key 32 random bytes
     */
    public CursorKey(String id, byte[] key) {
        if (!id.matches("[A-Za-z0-9_-]{1,16}")) {
            throw new IllegalArgumentException(
                    "cursor key id: " + id + " (expected: 1 to 16 letters, digits, hyphens or underscores)");
        }
        if (key.length != 32) {
            throw new IllegalArgumentException("cursor key " + id + ": " + key.length + " bytes (expected: 32)");
        }
        this.id = id;
        this.key = key.clone();
    }

    public String id() {
        return id;
    }

    byte[] bytes() {
        return key;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CursorKey that && id.equals(that.id) && Arrays.equals(key, that.key);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return "CursorKey[" + id + "]";
    }
}
