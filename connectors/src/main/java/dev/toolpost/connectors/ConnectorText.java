package dev.toolpost.connectors;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** The text of a definition out of bytes from anywhere: UTF-8 and nothing else, and bounded. Thread-safe. */
public final class ConnectorText {
    private static final int MOST_BYTES = 4 * PositionedYaml.MAX_CHARACTERS;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private ConnectorText() {}

    /**
     * The text of a file.
     *
     * @throws IOException where it cannot be read
     * @throws ConnectorException where its content is too large or not UTF-8
     */
    public static String read(Path file) throws IOException {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(MOST_BYTES + 1);
        }
        return of(file.toString(), content);
    }

    /**
     * The text that these bytes are.
     *
     * @param name the file's name, for messages
     * @throws ConnectorException where they are too many or not UTF-8
     */
    public static String of(String name, byte[] content) {
        if (content.length > MOST_BYTES) {
            throw problem(
                    name,
                    Position.START,
                    "the file has more than " + MOST_BYTES + " bytes",
                    "split it into several connectors");
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(content);
        CharBuffer out = CharBuffer.allocate(content.length);
        CoderResult result = decoder.decode(in, out, true);
        String text = out.flip().toString();
        if (result.isError()) {
            throw problem(
                    name,
                    end(text),
                    "not UTF-8 text: byte "
                            + HexFormat.of()
                                    .formatHex(content, in.position(), in.position() + result.length())
                                    .toUpperCase(Locale.ROOT)
                            + " at offset " + in.position() + " begins no character",
                    "save the file as UTF-8");
        }
        return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    }

    private static Position end(String text) {
        int line = 1 + Math.toIntExact(text.chars().filter(c -> c == '\n').count());
        return new Position(line, text.length() - text.lastIndexOf('\n'));
    }

    private static ConnectorException problem(String name, Position at, String message, String fix) {
        return new ConnectorException(
                List.of(new Problem(Problem.Severity.ERROR, name, at.line(), at.column(), message, fix)));
    }
}
