package dev.toolpost.worker.paging;

import dev.toolpost.connectors.Paging;
import dev.toolpost.worker.request.CanonicalJson;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Seals the place in a traversal into the opaque text that an agent sends back, and opens it again for the same tenant, connection, tool
 * and arguments only. The first key seals, every key opens.
 *
 * <p>AES-256-GCM (NIST SP 800-38D). Each cursor has a key of its own, HMAC-SHA256 of the configured key over a random salt, so that random
 * nonces stay safe however many cursors one key seals. Form, in URL-safe Base64 without padding:
 * {@code version(1) | length of key id(1) | key id | salt(16) | nonce(12) | ciphertext and tag}. The header, tenant, connection and tool are
 * authenticated. Small arguments travel inside, so that the cursor may come alone; of others only their hash does.
 *
 * <p>Thread-safe if its source of randomness is.
 */
public final class CursorSeal {

    private static final Set<String> NOT_BOUND = Set.of(Paging.LIMIT, Paging.NEXT_CURSOR);
    private static final byte VERSION = 1;
    private static final byte WITH_ARGUMENTS = 1;
    private static final byte WITH_HASH = 2;

    /** Added to the form where the reader has the page's first records already; their number follows. */
    private static final byte AND_SKIP = 4;

    private static final int SALT_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int HASH_BYTES = 32;
    private static final int CARRIED_ARGUMENT_BYTES = 1_024;
    private static final int LONGEST_CURSOR = 64 << 10;

    private static final String START_AGAIN = "Send next_cursor exactly as it was received, or start again without it.";

    private final List<CursorKey> keys;
    private final RandomGenerator random;

    /**
     * A seal with these keys.
     *
     * @param keys newest first, at least one
     * @param random in production a {@link java.security.SecureRandom}
     */
    public CursorSeal(List<CursorKey> keys, RandomGenerator random) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("cursor keys: none (expected: at least one)");
        }
        if (keys.stream().map(CursorKey::id).distinct().count() != keys.size()) {
            throw new IllegalArgumentException("cursor keys: " + keys + " (expected: every id once)");
        }
        this.keys = List.copyOf(keys);
        this.random = random;
    }

    /** Seals the place of a page of which the reader has nothing yet. */
    public String seal(String tenant, String connection, String tool, JsonNode arguments, String vendorCursor) {
        return seal(tenant, connection, tool, arguments, vendorCursor, 0);
    }

    /**
     * Seals a place.
     *
     * @param arguments of the call; {@code limit} and {@code next_cursor} are not bound and may change from page to page
     * @param vendorCursor the vendor's cursor of the next page; empty for the first
     * @param skip records at that page's beginning that the reader has already
     */
    public String seal(
            String tenant, String connection, String tool, JsonNode arguments, String vendorCursor, int skip) {
        CursorKey key = keys.getFirst();
        byte[] id = key.id().getBytes(StandardCharsets.US_ASCII);
        byte[] header = ByteBuffer.allocate(2 + id.length + SALT_BYTES + NONCE_BYTES)
                .put(VERSION)
                .put((byte) id.length)
                .put(id)
                .put(randomBytes(SALT_BYTES))
                .put(randomBytes(NONCE_BYTES))
                .array();
        byte[] canonical = CanonicalJson.of(arguments, NOT_BOUND).getBytes(StandardCharsets.UTF_8);
        byte[] cursor = vendorCursor.getBytes(StandardCharsets.UTF_8);
        boolean carried = canonical.length <= CARRIED_ARGUMENT_BYTES;
        byte[] bound = carried ? canonical : CanonicalJson.hash(arguments, NOT_BOUND);
        byte form = carried ? WITH_ARGUMENTS : WITH_HASH;
        ByteBuffer plain = ByteBuffer.allocate((skip > 0 ? 9 : 5) + cursor.length + bound.length);
        if (skip > 0) {
            plain.put((byte) (form | AND_SKIP)).putInt(skip);
        } else {
            plain.put(form);
        }
        plain.putInt(cursor.length).put(cursor).put(bound);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, key, header, tenant, connection, tool)
                    .doFinal(plain.array());
            byte[] whole = Arrays.copyOf(header, header.length + sealed.length);
            System.arraycopy(sealed, 0, whole, header.length, sealed.length);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(whole);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM and HMAC-SHA256 are part of every Java platform", e);
        }
    }

    /**
     * Opens a cursor.
     *
     * @param arguments of the call that brings it, or null or an empty object where the cursor comes alone; {@code limit} and
     *     {@code next_cursor} in them do not count
     * @throws InvalidCursorException where it was not sealed here for this tenant, connection, tool and arguments, or its key is gone
     */
    public PagePlace open(String cursor, String tenant, String connection, String tool, @Nullable JsonNode arguments)
            throws InvalidCursorException {
        byte[] whole = decode(cursor);
        try {
            ByteBuffer in = ByteBuffer.wrap(whole);
            if (in.get() != VERSION) {
                throw foreign();
            }
            byte[] id = new byte[in.get()];
            in.get(id);
            CursorKey key = key(new String(id, StandardCharsets.US_ASCII));
            int headerBytes = 2 + id.length + SALT_BYTES + NONCE_BYTES;
            byte[] header = Arrays.copyOf(whole, headerBytes);
            byte[] plain = cipher(Cipher.DECRYPT_MODE, key, header, tenant, connection, tool)
                    .doFinal(whole, headerBytes, whole.length - headerBytes);
            return place(ByteBuffer.wrap(plain), arguments);
        } catch (AEADBadTagException
                | BufferUnderflowException
                | NegativeArraySizeException
                | IllegalArgumentException e) {
            throw foreign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM and HMAC-SHA256 are part of every Java platform", e);
        }
    }

    private static byte[] decode(String cursor) throws InvalidCursorException {
        if (cursor.isEmpty() || cursor.length() > LONGEST_CURSOR) {
            throw foreign();
        }
        try {
            return Base64.getUrlDecoder().decode(cursor);
        } catch (IllegalArgumentException e) {
            throw foreign();
        }
    }

    private static PagePlace place(ByteBuffer plain, @Nullable JsonNode arguments) throws InvalidCursorException {
        byte marked = plain.get();
        int skip = (marked & AND_SKIP) == 0 ? 0 : plain.getInt();
        byte form = (byte) (marked & ~AND_SKIP);
        byte[] cursor = new byte[plain.getInt()];
        plain.get(cursor);
        byte[] bound = new byte[plain.remaining()];
        plain.get(bound);
        String vendorCursor = new String(cursor, StandardCharsets.UTF_8);
        JsonNode given = arguments == null ? JsonNodeFactory.instance.objectNode() : arguments;
        String canonical = CanonicalJson.of(given, NOT_BOUND);
        boolean alone = canonical.equals("{}");
        if (form == WITH_HASH && bound.length == HASH_BYTES) {
            if (alone) {
                throw new InvalidCursorException(
                        "The cursor came without its arguments, which are too large to travel inside it.",
                        "Send the arguments of the first page along with next_cursor.");
            }
            if (!MessageDigest.isEqual(bound, CanonicalJson.hash(given, NOT_BOUND))) {
                throw otherArguments();
            }
            return new PagePlace(vendorCursor, skip, withoutPaging(given));
        }
        String carried = new String(bound, StandardCharsets.UTF_8);
        if (!alone && !canonical.equals(carried)) {
            throw otherArguments();
        }
        try {
            return new PagePlace(vendorCursor, skip, CanonicalJson.parse(carried));
        } catch (JacksonException e) {
            throw new IllegalStateException("a cursor that was sealed here holds no JSON", e);
        }
    }

    private static JsonNode withoutPaging(JsonNode arguments) {
        return arguments instanceof ObjectNode object ? object.deepCopy().remove(NOT_BOUND) : arguments;
    }

    private CursorKey key(String id) throws InvalidCursorException {
        for (CursorKey key : keys) {
            if (key.id().equals(id)) {
                return key;
            }
        }
        throw foreign();
    }

    private static Cipher cipher(int mode, CursorKey key, byte[] header, String tenant, String connection, String tool)
            throws GeneralSecurityException {
        int saltAt = header.length - NONCE_BYTES - SALT_BYTES;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key.bytes(), "HmacSHA256"));
        mac.update("toolpost cursor".getBytes(StandardCharsets.US_ASCII));
        mac.update(header, saltAt, SALT_BYTES);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode,
                new SecretKeySpec(mac.doFinal(), "AES"),
                new GCMParameterSpec(TAG_BITS, header, header.length - NONCE_BYTES, NONCE_BYTES));
        cipher.updateAAD(header);
        for (String part : new String[] {tenant, connection, tool}) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            cipher.updateAAD(ByteBuffer.allocate(4).putInt(bytes.length).array());
            cipher.updateAAD(bytes);
        }
        return cipher;
    }

    private byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static InvalidCursorException foreign() {
        return new InvalidCursorException(
                "The cursor is not one that was given for this tenant, connection and tool, or it has been changed.",
                START_AGAIN);
    }

    private static InvalidCursorException otherArguments() {
        return new InvalidCursorException(
                "The cursor belongs to other arguments.",
                "Send next_cursor alone or with the arguments of the first page, or start again without it.");
    }
}
