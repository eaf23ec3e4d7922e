package dev.toolpost.worker.request;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One spelling for JSON that means the same: members in order of their names, no space, strings with the fewest escapes, numbers by
 * value ({@code 1}, {@code 1.0} and {@code 10e-1} are one). Pure.
 *
 * <p>Like RFC 8785 except for numbers, which keep every digit here: two ids that differ in their twentieth digit are two ids.
 */
public final class CanonicalJson {

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(200)
                            .maxDocumentLength(8L << 20)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private CanonicalJson() {}

    /**
     * Reads JSON so that numbers keep their digits.
     *
     * @throws tools.jackson.core.JacksonException where it is not JSON, nests deeper than 200 or names a member twice
     */
    public static JsonNode parse(String text) {
        JsonNode node = MAPPER.readTree(text);
        if (node.isMissingNode()) {
            throw new UnexpectedEndOfInputException(null, JsonToken.NOT_AVAILABLE, "there is no JSON value");
        }
        return node;
    }

    /** The canonical text. */
    public static String of(JsonNode node) {
        return of(node, Set.of());
    }

    /** The canonical text without some members of the outermost object. */
    public static String of(JsonNode node, Set<String> withoutMembers) {
        StringBuilder text = new StringBuilder(64);
        append(text, node, withoutMembers);
        return text.toString();
    }

    /** SHA-256 of the canonical text in UTF-8. */
    public static byte[] hash(JsonNode node) {
        return sha256(of(node).getBytes(StandardCharsets.UTF_8));
    }

    /** SHA-256 of the canonical text, without some members of the outermost object, in UTF-8. */
    public static byte[] hash(JsonNode node, Set<String> withoutMembers) {
        return sha256(of(node, withoutMembers).getBytes(StandardCharsets.UTF_8));
    }

    private static void append(StringBuilder text, JsonNode node, Set<String> without) {
        switch (node.getNodeType()) {
            case OBJECT -> appendObject(text, node, without);
            case ARRAY -> {
                text.append('[');
                String separator = "";
                for (JsonNode item : node) {
                    text.append(separator);
                    append(text, item, Set.of());
                    separator = ",";
                }
                text.append(']');
            }
            case STRING -> appendString(text, node.stringValue());
            case NUMBER -> appendNumber(text, node);
            case BOOLEAN -> text.append(node.booleanValue());
            case NULL -> text.append("null");
            case BINARY, MISSING, POJO ->
                throw new IllegalArgumentException("node: " + node.getNodeType() + " (expected: what JSON can hold)");
        }
    }

    private static void appendObject(StringBuilder text, JsonNode node, Set<String> without) {
        List<Map.Entry<String, JsonNode>> members = new ArrayList<>(node.properties());
        members.removeIf(member -> without.contains(member.getKey()));
        members.sort(Map.Entry.comparingByKey());
        text.append('{');
        String separator = "";
        for (Map.Entry<String, JsonNode> member : members) {
            text.append(separator);
            appendString(text, member.getKey());
            text.append(':');
            append(text, member.getValue(), Set.of());
            separator = ",";
        }
        text.append('}');
    }

    /** Digits and power of ten, never written out: 1e999999999 is twelve characters, not a gigabyte. */
    private static void appendNumber(StringBuilder text, JsonNode node) {
        if (node.isFloatingPointNumber() && !node.isBigDecimal() && !Double.isFinite(node.doubleValue())) {
            throw new IllegalArgumentException("number: " + node.doubleValue() + " (expected: a finite number)");
        }
        if (node.isInt() || node.isLong() || node.isShort()) {
            long value = node.longValue();
            if (value % 10 != 0 || value == 0) {
                text.append(value);
                return;
            }
        }
        BigDecimal value = node.decimalValue().stripTrailingZeros();
        if (value.signum() == 0) {
            text.append('0');
            return;
        }
        text.append(value.unscaledValue());
        if (value.scale() != 0) {
            text.append('e').append(-(long) value.scale());
        }
    }

    private static void appendString(StringBuilder text, String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ' || (Character.isSurrogate(c) && !isPaired(value, i))) {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }

    private static boolean isPaired(String value, int i) {
        return Character.isHighSurrogate(value.charAt(i))
                ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
    }

    /** SHA-256 of any bytes. */
    public static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
