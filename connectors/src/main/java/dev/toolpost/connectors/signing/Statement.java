package dev.toolpost.connectors.signing;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a signature states: that this content is the definition of this vendor on this topic from this version on. The signed
 * bytes travel with the record as they are, so there is one way only to write a statement down.
 *
 * @param topic the topic it is for
 * @param vendor the vendor whose definition it is
 * @param version grows with every definition of the vendor, so that an older one cannot come back; milliseconds since 1970 as a rule
 * @param sha256 of the content, in hex; {@value #REMOVED} where the definition is taken away
 * @param movesHosts whether requests and secrets of the vendor may go wherever the content says; if not, only where the vendor's file or bundled
 *     definition leads them
 */
public record Statement(String topic, String vendor, long version, String sha256, boolean movesHosts) {
    /** In place of a hash: there is no definition any more. */
    public static final String REMOVED = "-";

    private static final Pattern FORM = Pattern.compile("""
            toolpost-connector 1
            topic ([a-zA-Z0-9._-]{1,249})
            vendor ([a-z0-9_]{1,64})
            version ([0-9]{1,18})
            sha256 ([0-9a-f]{64}|-)
            moves_hosts (true|false)
            """);

    /** A statement about a definition; an empty one takes the vendor's definition away. */
    public static Statement about(String topic, String vendor, long version, byte[] content, boolean movesHosts) {
        return new Statement(topic, vendor, version, hash(content), movesHosts);
    }

    /** Reads what {@link #bytes} wrote; null where it is anything else. */
    public static @Nullable Statement read(byte[] bytes) {
        Matcher form = FORM.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        return form.matches()
                ? new Statement(
                        form.group(1),
                        form.group(2),
                        Long.parseLong(form.group(3)),
                        form.group(4),
                        Boolean.parseBoolean(form.group(5)))
                : null;
    }

    /** The bytes that are signed. */
    public byte[] bytes() {
        return """
                toolpost-connector 1
                topic %s
                vendor %s
                version %s
                sha256 %s
                moves_hosts %b
                """.formatted(topic, vendor, version, sha256, movesHosts).getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether it takes the vendor's definition away. */
    public boolean removes() {
        return sha256.equals(REMOVED);
    }

    /** Whether it is about this content. */
    public boolean isAbout(byte[] content) {
        return sha256.equals(hash(content));
    }

    private static String hash(byte[] content) {
        if (content.length == 0) {
            return REMOVED;
        }
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this Java has no SHA-256", missing);
        }
    }
}
