package dev.toolpost.worker.request;

import dev.toolpost.connectors.BodyTemplate;
import dev.toolpost.connectors.TextTemplate;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes forms in parts (RFC 7578) and bodies of other types. The boundary is a hash of all contents, so that no content can hold it;
 * file names and media types cannot end their lines or their quotes. Pure.
 */
final class MultipartBody {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    /** A type, a subtype, and parameters whose values need no quotes or hold none (RFC 9110, 8.3.1). */
    private static final Pattern MEDIA_TYPE = Pattern.compile(
            "[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}(; ?[A-Za-z0-9_.-]{1,64}=(?:[A-Za-z0-9_.+-]{1,127}|\"[A-Za-z0-9_ .+-]{1,127}\")){0,5}");

    private static final int LONGEST_NAME = 255;

    private MultipartBody() {}

    @SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
    private record Made(String head, byte[] content) {}

    @SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
    private record Bytes(byte[] bytes, String contentType) {}

    /** @param more texts that stand in parts of their own, at the places that a form names so */
    static RequestBody of(
            BodyTemplate.Multipart multipart, Rendering rendering, SequencedMap<JsonPointer, JsonNode> more)
            throws RequestProblemException {
        List<Made> parts = new ArrayList<>();
        more.forEach((pointer, value) -> parts.add(new Made(
                "Content-Disposition: form-data; name=\"" + quotable(RequestBody.bracketed(pointer)) + "\"\r\n\r\n",
                value.asString().getBytes(StandardCharsets.UTF_8))));
        for (BodyTemplate.Part part : multipart.parts()) {
            if (rendering.holds(part.when())) {
                Made made = part(part, rendering);
                if (made != null) {
                    parts.add(made);
                }
            }
        }
        String boundary = boundary(parts);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (Made part : parts) {
            body.writeBytes(ascii("--" + boundary + "\r\n"));
            body.writeBytes(part.head().getBytes(StandardCharsets.UTF_8));
            body.writeBytes(part.content());
            body.writeBytes(ascii("\r\n"));
        }
        body.writeBytes(ascii("--" + boundary + "--\r\n"));
        return new RequestBody(body.toByteArray(), "multipart/form-data; boundary=" + boundary);
    }

    /** A body of another type, or null where its content is absent. */
    static @Nullable RequestBody raw(BodyTemplate.Raw raw, Rendering rendering) throws RequestProblemException {
        Bytes content = content(raw.content(), rendering);
        if (content == null) {
            return null;
        }
        String type = mediaType(raw.contentType(), rendering);
        return new RequestBody(content.bytes(), type == null ? content.contentType() : type);
    }

    private static @Nullable Made part(BodyTemplate.Part part, Rendering rendering) throws RequestProblemException {
        Bytes content = content(part.content(), rendering);
        if (content == null) {
            return null;
        }
        StringBuilder head = new StringBuilder("Content-Disposition: form-data; name=\"").append(quotable(part.name()));
        String filename = part.filename() == null ? null : filename(part.filename(), rendering);
        if (filename == null && part.content() instanceof BodyTemplate.FileContent) {
            // Without one many servers take the part for a text.
            filename = "file";
        }
        if (filename != null) {
            head.append("\"; filename=\"").append(quotable(filename));
        }
        head.append("\"\r\n");
        String given = part.contentType() == null ? null : mediaType(part.contentType(), rendering);
        boolean plainText = part.content() instanceof BodyTemplate.TextContent;
        if (given != null || !plainText) {
            head.append("Content-Type: ")
                    .append(given == null ? content.contentType() : given)
                    .append("\r\n");
        }
        return new Made(head.append("\r\n").toString(), content.bytes());
    }

    private static @Nullable Bytes content(BodyTemplate.Content content, Rendering rendering)
            throws RequestProblemException {
        return switch (content) {
            case BodyTemplate.TextContent(TextTemplate template) -> {
                String text = rendering.text(template);
                yield text == null
                        ? null
                        : new Bytes(text.getBytes(StandardCharsets.UTF_8), "text/plain; charset=utf-8");
            }
            case BodyTemplate.JsonContent(BodyTemplate.Node root) -> {
                JsonNode node = rendering.node(root);
                yield node.isMissingNode() ? null : new Bytes(MAPPER.writeValueAsBytes(node), "application/json");
            }
            case BodyTemplate.FileContent(String argument, int maxBytes) -> file(argument, maxBytes, rendering);
        };
    }

    private static @Nullable Bytes file(String argument, int maxBytes, Rendering rendering)
            throws RequestProblemException {
        String base64 = rendering.text(new TextTemplate.Argument(argument));
        if (base64 == null) {
            return null;
        }
        byte[] bytes;
        try {
            boolean ofUrls = base64.indexOf('-') >= 0 || base64.indexOf('_') >= 0;
            bytes = (ofUrls ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(base64.strip());
        } catch (IllegalArgumentException noBase64) {
            throw RequestProblemException.ofArgument(argument, "not base64 (expected: the file's bytes in base64)");
        }
        if (bytes.length > maxBytes) {
            throw RequestProblemException.ofArgument(
                    argument, "a file of " + bytes.length + " bytes (expected: at most " + maxBytes + ")");
        }
        return new Bytes(bytes, "application/octet-stream");
    }

    private static @Nullable String mediaType(TextTemplate template, Rendering rendering)
            throws RequestProblemException {
        String type = rendering.text(template);
        if (type != null && !MEDIA_TYPE.matcher(type).matches()) {
            throw RequestProblemException.ofArgument(
                    blamed(template), "no media type (expected: one such as text/csv)");
        }
        return type;
    }

    private static @Nullable String filename(TextTemplate template, Rendering rendering)
            throws RequestProblemException {
        String name = rendering.text(template);
        if (name == null || name.isEmpty()) {
            return null;
        }
        boolean bad = name.length() > LONGEST_NAME || name.equals(".") || name.equals("..");
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            bad |= c < ' ' || (c >= 0x7f && c < 0xa0) || c == '/' || c == '\\';
        }
        if (bad) {
            throw RequestProblemException.ofArgument(
                    blamed(template),
                    "no file name (expected: at most " + LONGEST_NAME
                            + " characters, no path and no control character)");
        }
        return name;
    }

    private static String blamed(TextTemplate template) {
        return template.arguments().stream().findFirst().orElse("");
    }

    /** What browsers do with a quote in a name (RFC 7578, 2, by way of the WHATWG). */
    private static String quotable(String name) {
        return name.replace("\"", "%22").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static String boundary(List<Made> parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Made part : parts) {
                digest.update(part.head().getBytes(StandardCharsets.UTF_8));
                digest.update(part.content());
            }
            return "toolpost-" + HexFormat.of().formatHex(digest.digest(), 0, 24);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
