package dev.toolpost.worker.config;

import javax.crypto.SecretKey;

/**
 * A key that seals cursors (AES-256-GCM). The newest of several seals, all of them open.
 *
 * @param id what a sealed cursor names
 * @param key 256 bits for AES
 */
public record CursorKey(String id, SecretKey key) {
    @Override
    public String toString() {
        return "CursorKey[id=" + id + ", key=(redacted)]";
    }
}
