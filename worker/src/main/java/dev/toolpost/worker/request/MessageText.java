package dev.toolpost.worker.request;

import dev.toolpost.connectors.BodyTemplate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Writes an internet message (RFC 5322, MIME) of a template. No argument ends its header, becomes a further recipient or leaves the text:
 * control characters are refused in headers, addresses are taken apart and written anew, texts are in base64. Pure.
 */
final class MessageText {

    private static final Set<String> OF_ADDRESSES =
            Set.of("to", "cc", "bcc", "from", "sender", "reply-to", "resent-to", "resent-cc", "resent-bcc");

    private static final Pattern ADDRESS = Pattern.compile(
            "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*");

    private static final int LONGEST_ADDRESS = 320;
    private static final int LONGEST_NAME = 200;
    private static final int MOST_ADDRESSES = 500;

    /** Characters of one encoded word: 45 octets at most are 60 of base64, which fits the 75 of RFC 2047. */
    private static final int WORD_OCTETS = 45;

    private static final String BOUNDARY = "=_toolpost_alternative_";

    private MessageText() {}

    static @Nullable String of(BodyTemplate.Message message, Rendering rendering) throws RequestProblemException {
        StringBuilder text = new StringBuilder(512);
        for (Map.Entry<String, BodyTemplate.Node> header : message.headers().entrySet()) {
            String argument = Rendering.blamed(header.getValue());
            JsonNode value = rendering.node(header.getValue());
            if (value.isMissingNode() || value.isNull() || (value.isArray() && value.isEmpty())) {
                continue;
            }
            String name = header.getKey();
            boolean addresses = OF_ADDRESSES.contains(name.toLowerCase(Locale.ROOT));
            text.append(name)
                    .append(": ")
                    .append(addresses ? addresses(argument, value) : words(plain(argument, value)))
                    .append("\r\n");
        }
        text.append("MIME-Version: 1.0\r\n");
        String plain = body(message.text(), rendering);
        String html = body(message.html(), rendering);
        if (plain != null && html != null) {
            text.append("Content-Type: multipart/alternative; boundary=\"")
                    .append(BOUNDARY)
                    .append("\"\r\n");
            for (String[] part : new String[][] {{"plain", plain}, {"html", html}}) {
                text.append("\r\n--").append(BOUNDARY).append("\r\n");
                appendText(text, part[0], part[1]);
            }
            text.append("\r\n--").append(BOUNDARY).append("--\r\n");
        } else {
            appendText(text, html == null ? "plain" : "html", html == null ? (plain == null ? "" : plain) : html);
        }
        return message.encoding().apply(text.toString());
    }

    private static @Nullable String body(BodyTemplate.@Nullable Node template, Rendering rendering)
            throws RequestProblemException {
        if (template == null) {
            return null;
        }
        JsonNode value = rendering.node(template);
        return value.isMissingNode() || value.isNull() ? null : Rendering.scalar(Rendering.blamed(template), value);
    }

    /** In base64 no line of it can look like the boundary, which holds an underscore. */
    private static void appendText(StringBuilder message, String subtype, String text) {
        message.append("Content-Type: text/")
                .append(subtype)
                .append("; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n")
                .append(Base64.getMimeEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String plain(String argument, JsonNode value) throws RequestProblemException {
        String text = Rendering.scalar(argument, value);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == 0x7f || c == '\u2028' || c == '\u2029' || c == '\u0085') {
                throw RequestProblemException.ofArgument(
                        argument, "holds a line break or control character (expected: one line; it is a header)");
            }
        }
        return text;
    }

    private static String addresses(String argument, JsonNode value) throws RequestProblemException {
        List<String> written = new ArrayList<>();
        for (JsonNode one : value.isArray() ? value : List.of(value)) {
            written.add(address(argument, plain(argument, one)));
        }
        if (written.size() > MOST_ADDRESSES) {
            throw RequestProblemException.ofArgument(
                    argument, written.size() + " addresses (expected: at most " + MOST_ADDRESSES + ")");
        }
        return String.join(",\r\n ", written);
    }

    private static String address(String argument, String text) throws RequestProblemException {
        String stripped = text.strip();
        int bracket = stripped.endsWith(">") ? stripped.lastIndexOf('<') : -1;
        String address = bracket < 0
                ? stripped
                : stripped.substring(bracket + 1, stripped.length() - 1).strip();
        if (address.length() > LONGEST_ADDRESS || !ADDRESS.matcher(address).matches()) {
            throw RequestProblemException.ofArgument(
                    argument,
                    "no single address (expected: one such as ada@example.com or Ada Lovelace <ada@example.com>)");
        }
        String name = bracket < 0 ? "" : unquoted(stripped.substring(0, bracket).strip());
        if (name.length() > LONGEST_NAME) {
            throw RequestProblemException.ofArgument(
                    argument, "a name of " + name.length() + " characters (expected: at most " + LONGEST_NAME + ")");
        }
        if (name.isEmpty()) {
            return address;
        }
        String written = isAscii(name) ? '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"' : words(name);
        return written + " <" + address + ">";
    }

    private static String unquoted(String name) {
        return name.length() >= 2 && name.startsWith("\"") && name.endsWith("\"")
                ? name.substring(1, name.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\")
                : name;
    }

    /** Text of a header, as encoded words (RFC 2047) where it is not plain or could be taken for such. */
    private static String words(String text) {
        if (isAscii(text) && !text.contains("=?") && text.length() <= 900) {
            return text;
        }
        StringBuilder words = new StringBuilder();
        int from = 0;
        while (from < text.length()) {
            int to = from;
            int octets = 0;
            while (to < text.length()) {
                int point = text.codePointAt(to);
                int more = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
                if (octets + more > WORD_OCTETS) {
                    break;
                }
                octets += more;
                to += Character.charCount(point);
            }
            words.append(words.isEmpty() ? "" : "\r\n ")
                    .append("=?utf-8?B?")
                    .append(Base64.getEncoder()
                            .encodeToString(text.substring(from, to).getBytes(StandardCharsets.UTF_8)))
                    .append("?=");
            from = to;
        }
        return words.toString();
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }
}
