package dev.toolpost.connectors.signing;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record of the topic of definitions: its key is the vendor, its value the definition (empty or absent where it is taken
 * away), its headers carry the signature.
 *
 * @param content UTF-8 text
 * @param headers by name, the last of each
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SignedRecord(String vendor, byte[] content, Map<String, byte[]> headers) {
    /** Header: which key signed. */
    public static final String KEY_ID = "toolpost-key-id";

    /** Header: the bytes that are signed, see {@link Statement}. */
    public static final String STATEMENT = "toolpost-statement";

    /** Header: the signature, 64 bytes. */
    public static final String SIGNATURE = "toolpost-signature";

    public SignedRecord {
        headers = Map.copyOf(headers);
    }

    /** A record that this key vouches for. */
    public static SignedRecord sign(SigningKey key, Statement statement, byte[] content) {
        byte[] signed = statement.bytes();
        return new SignedRecord(
                statement.vendor(),
                content,
                Map.of(
                        KEY_ID,
                        key.id().getBytes(StandardCharsets.US_ASCII),
                        STATEMENT,
                        signed,
                        SIGNATURE,
                        key.sign(signed)));
    }

    /** What came of looking at the signature. */
    public sealed interface Verified {
        /** A trusted key states this about this very record. */
        record Genuine(Statement statement) implements Verified {}

        /** It proves nothing; the reason is for operators. */
        record Refused(String reason) implements Verified {}
    }

    /** Whether a trusted key states that this content is this vendor's on this topic. */
    public Verified verify(PublicKeys trusted, String topic) {
        byte[] keyId = headers.get(KEY_ID);
        byte[] signed = headers.get(STATEMENT);
        byte[] signature = headers.get(SIGNATURE);
        if (keyId == null || signed == null || signature == null) {
            return new Verified.Refused("it is not signed (expected: the headers " + KEY_ID + ", " + STATEMENT + " and "
                    + SIGNATURE + ", as `toolpost connectors publish` writes them)");
        }
        String key = new String(keyId, StandardCharsets.US_ASCII);
        if (!trusted.knows(key)) {
            return new Verified.Refused("it is signed by a key that is not among connectors.trusted_keys");
        }
        if (!trusted.verify(key, signed, signature)) {
            return new Verified.Refused("its signature does not fit");
        }
        Statement statement = Statement.read(signed);
        if (statement == null) {
            return new Verified.Refused("its statement cannot be read; it may come from a newer version of Toolpost");
        }
        String other = otherThan(statement, topic);
        return other == null ? new Verified.Genuine(statement) : new Verified.Refused(other);
    }

    private @Nullable String otherThan(Statement statement, String topic) {
        if (!statement.topic().equals(topic)) {
            return "it was signed for the topic " + statement.topic();
        }
        if (!statement.vendor().equals(vendor)) {
            return "it was signed for the vendor " + statement.vendor();
        }
        return statement.isAbout(content) ? null : "its content is not what was signed";
    }

    @Override
    public String toString() {
        return "SignedRecord[" + vendor + ", " + content.length + " bytes]";
    }
}
