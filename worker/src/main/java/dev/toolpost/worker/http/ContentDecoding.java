package dev.toolpost.worker.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** Content codings (RFC 9110, 8.4): gzip and deflate, one at most, up to a cap of decoded bytes. Pure. */
final class ContentDecoding {

    static final String ACCEPTED = "gzip";

    /** The body, and the headers that still hold for it. */
    @SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
    record Decoded(byte[] body, ResponseHeaders headers) {}

    private ContentDecoding() {}

    /**
     * Decodes a body. One in an unknown coding, or that does not decode, stays as it is together with its
     * {@code Content-Encoding}.
     *
     * @return null where it is larger than the cap
     */
    static @Nullable Decoded decode(byte[] raw, ResponseHeaders headers, int cap) {
        List<String> codings = headers.all("Content-Encoding");
        if (codings.isEmpty() || raw.length == 0) {
            return new Decoded(raw, headers);
        }
        String coding = codings.size() > 1 ? "several" : codings.get(0).strip().toLowerCase(Locale.ROOT);
        if (coding.equals("identity") || coding.isEmpty()) {
            return new Decoded(raw, headers);
        }
        try (InputStream in = open(raw, coding)) {
            if (in == null) {
                return new Decoded(raw, headers);
            }
            byte[] body = CappedRead.all(in, raw.length * 4L, cap);
            return body == null
                    ? null
                    : new Decoded(body, headers.without("Content-Encoding").without("Content-Length"));
        } catch (IOException notInThatCoding) {
            return new Decoded(raw, headers);
        }
    }

    private static @Nullable InputStream open(byte[] raw, String coding) throws IOException {
        return switch (coding) {
            case "gzip", "x-gzip" -> new GZIPInputStream(new ByteArrayInputStream(raw), 8 << 10);
            case "deflate" -> new InflaterInputStream(new ByteArrayInputStream(raw));
            default -> null;
        };
    }
}
