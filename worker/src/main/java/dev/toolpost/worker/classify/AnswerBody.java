package dev.toolpost.worker.classify;

import dev.toolpost.worker.http.ResponseHeaders;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** The body of one answer, as bytes, text or tree, each made when first asked for. Confined to one classification. */
final class AnswerBody {

    static final byte[] NULL = "null".getBytes(StandardCharsets.UTF_8);

    /** Far above what vendors answer with, far below what overflows a stack or an agent's own parser. */
    static final int MAX_NESTING = 150;

    /** How much of a body that is not passed on as it is may stand in an error, in characters. */
    private static final int SHOWN_CHARACTERS = 2_000;

    private static final int SHOWN_JSON_BYTES = 8 << 10;

    static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxStringLength(64 << 20)
                    .maxNumberLength(1_000)
                    .build())
            .build();

    private static final String JSON_TYPE = "application/json";
    private static final Pattern MEDIA_TYPE = Pattern.compile("[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}");

    private static final JsonMapper MAPPER = JsonMapper.builder(JSON)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final byte[] utf8;
    private final @Nullable String contentType;
    private @Nullable JsonNode tree;
    private boolean parsed;

    AnswerBody(byte[] bytes, ResponseHeaders headers) {
        this.contentType = headers.first("Content-Type");
        this.utf8 = toUtf8(bytes, charset(contentType));
    }

    boolean isEmpty() {
        return utf8.length == 0;
    }

    /** The body in UTF-8 without a byte order mark: the vendor's own bytes, unless it uses another charset. */
    byte[] utf8() {
        return utf8;
    }

    String text() {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** At most so many characters from its beginning. */
    String beginning(int characters) {
        int bytes = (int) Math.min(utf8.length, characters * 4L);
        String text = new String(utf8, 0, bytes, StandardCharsets.UTF_8);
        return text.length() > characters ? text.substring(0, characters) : text;
    }

    /** The body as a tree, or null where it is not JSON or nests too deep. */
    @Nullable
    JsonNode tree() {
        if (!parsed) {
            parsed = true;
            try {
                tree = isEmpty() ? null : MAPPER.readTree(utf8);
            } catch (JacksonException notJson) {
                tree = null;
            }
        }
        return tree;
    }

    /** A piece of a body that was found to be JSON. */
    static JsonNode parse(byte[] json) {
        return MAPPER.readTree(json);
    }

    /** A body that says nothing but that there is an empty list at a place. */
    static byte[] emptyList(JsonPointer list) {
        JsonNode page = JsonNodeFactory.instance.arrayNode();
        for (JsonPointer rest = list; !rest.matches(); rest = rest.head()) {
            JsonPointer last = rest.last();
            page = last.mayMatchElement()
                    ? JsonNodeFactory.instance.arrayNode().add(page)
                    : JsonNodeFactory.instance.objectNode().set(last.getMatchingProperty(), page);
        }
        return MAPPER.writeValueAsBytes(page);
    }

    byte[] asJsonString() {
        return MAPPER.writeValueAsBytes(text());
    }

    /** Any bytes in Base64 (RFC 4648, 4), as a JSON string. */
    static byte[] base64(byte[] bytes) {
        return ('"' + Base64.getEncoder().encodeToString(bytes) + '"').getBytes(StandardCharsets.US_ASCII);
    }

    String mediaType(String otherwise) {
        if (contentType == null) {
            return otherwise;
        }
        if (contentType.startsWith(JSON_TYPE)
                && (contentType.length() == JSON_TYPE.length() || contentType.charAt(JSON_TYPE.length()) == ';')) {
            return JSON_TYPE;
        }
        int semicolon = contentType.indexOf(';');
        String type = (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
        return MEDIA_TYPE.matcher(type).matches() ? type : otherwise;
    }

    /** JSON text for an error's {@code vendor_body}: the body itself where it is JSON and short, else its beginning as a string. */
    @Nullable
    String forError() {
        if (isEmpty()) {
            return null;
        }
        if (utf8.length <= SHOWN_JSON_BYTES && tree() != null) {
            return text();
        }
        int bytes = Math.min(utf8.length, SHOWN_CHARACTERS * 4);
        String beginning = new String(utf8, 0, bytes, StandardCharsets.UTF_8);
        return MAPPER.writeValueAsString(beginning.substring(0, Math.min(beginning.length(), SHOWN_CHARACTERS)));
    }

    private static byte[] toUtf8(byte[] bytes, Charset charset) {
        if (charset.equals(StandardCharsets.UTF_8)) {
            boolean marked =
                    bytes.length >= 3 && bytes[0] == (byte) 0xef && bytes[1] == (byte) 0xbb && bytes[2] == (byte) 0xbf;
            return marked ? Arrays.copyOfRange(bytes, 3, bytes.length) : bytes;
        }
        String text = new String(bytes, charset);
        return (text.startsWith("\ufeff") ? text.substring(1) : text).getBytes(StandardCharsets.UTF_8);
    }

    private static Charset charset(@Nullable String contentType) {
        int at = contentType == null ? -1 : contentType.toLowerCase(Locale.ROOT).indexOf("charset=");
        if (contentType == null || at < 0) {
            return StandardCharsets.UTF_8;
        }
        String name = contentType.substring(at + "charset=".length());
        int semicolon = name.indexOf(';');
        try {
            return Charset.forName((semicolon < 0 ? name : name.substring(0, semicolon))
                    .replace("\"", "")
                    .strip());
        } catch (IllegalCharsetNameException | UnsupportedCharsetException unknown) {
            return StandardCharsets.UTF_8;
        }
    }
}
