package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list as the vendor answered it, whether or not the answer arrived.
 *
 * @param number counted from 0 over all collections
 * @param account the grant's id, or the token that was asked with where it belongs to no grant
 * @param asked the place as the client sent it (cursor, offset, or for next links the path), null for the first page
 * @param hash {@link #hash} of the ids in their order
 * @param next the place of the next page as the answer names it, null at the end
 */
public record ServedPage(
        long number,
        String account,
        String collection,
        @Nullable String asked,
        int count,
        long hash,
        @Nullable String firstId,
        @Nullable String lastId,
        @Nullable String next) {

    /** Of no ids. */
    static final long EMPTY_HASH = 0xcbf29ce484222325L;

    private static final long PRIME = 0x100000001b3L;

    /** The FNV-1a hash of the ids in their order, a line feed after each. */
    public static long hash(Iterable<String> ids) {
        long hash = EMPTY_HASH;
        for (String id : ids) {
            byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
            hash = hash(hash, bytes, 0, bytes.length);
        }
        return hash;
    }

    static long hash(long before, byte[] bytes, int from, int to) {
        long hash = before;
        for (int i = from; i < to; i++) {
            hash = (hash ^ (bytes[i] & 0xff)) * PRIME;
        }
        return (hash ^ '\n') * PRIME;
    }
}
