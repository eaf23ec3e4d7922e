package dev.toolpost.cli;

import dev.toolpost.client.Reply;
import dev.toolpost.connectors.ResponseKind;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The file that one result goes into, as the vendor sent it. It is there before the call and gone again where there is no result. Not thread-safe. */
final class ResultFile implements AutoCloseable {
    private final Path file;
    private final boolean made;
    private final OutputStream stream;
    private long bytes;
    private boolean written;

    private ResultFile(Path file, boolean made, OutputStream stream) {
        this.file = file;
        this.made = made;
        this.stream = stream;
    }

    /** @throws CliException where there is such a file, or none can be made */
    static ResultFile create(Path file) {
        boolean device = Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file);
        try {
            return new ResultFile(
                    file,
                    !device,
                    device
                            ? Files.newOutputStream(file, StandardOpenOption.WRITE)
                            : Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        } catch (FileAlreadyExistsException e) {
            throw CliException.usage(
                    "--out " + file + ": the file is there already, and nothing was changed", "Name another.", e);
        } catch (IOException e) {
            throw CliException.usage("--out " + file + ": cannot be written: " + e, "Name another file.", e);
        }
    }

    /**
     * Writes the result, says what became of the call and how the command ends.
     *
     * @param kind what the result is; null where that is not known
     */
    int take(Reply reply, @Nullable ResponseKind kind, CommonOptions common) {
        if (reply.isOk()) {
            write(reply, kind);
        }
        if (common.json()) {
            common.out().println(Json.print(summary(reply)));
        } else {
            ToolError error = reply.error();
            if (error != null) {
                ReplyPrinter.print(common.err(), error);
            }
            common.err()
                    .println((reply.isOk() ? "ok" : "failed") + ReplyPrinter.figures(reply.last()) + ", call "
                            + reply.callId() + (reply.isOk() ? ", " + bytes + " bytes written to " + file : ""));
            if (reply.nextCursor() != null) {
                common.err().println("next page: --cursor " + reply.nextCursor());
            }
            common.err().flush();
        }
        return reply.isOk() ? ExitCode.OK : ExitCode.ANSWERED_WITH_ERROR;
    }

    private void write(Reply reply, @Nullable ResponseKind kind) {
        try {
            for (ToolReply frame : reply.frames()) {
                String content = frame.getContent();
                byte[] piece = content == null ? new byte[0] : decoded(content, kind);
                stream.write(piece);
                bytes += piece.length;
            }
            stream.flush();
            written = true;
        } catch (IOException e) {
            throw CliException.usage("--out " + file + ": cannot be written: " + e, "The call was made.", e);
        }
    }

    /** A text in JSON stands for itself, or for bytes in base64, each frame's decodable alone. All else is JSON. */
    private static byte[] decoded(String content, @Nullable ResponseKind kind) {
        if (kind == null || kind == ResponseKind.JSON) {
            return content.getBytes(StandardCharsets.UTF_8);
        }
        JsonNode node = JsonMapper.shared().readTree(content);
        if (!node.isString()) {
            return node.isNull() ? new byte[0] : content.getBytes(StandardCharsets.UTF_8);
        }
        return kind == ResponseKind.BINARY
                ? Base64.getDecoder().decode(node.asString())
                : node.asString().getBytes(StandardCharsets.UTF_8);
    }

    private ObjectNode summary(Reply reply) {
        ObjectNode summary = Json.object()
                .put("call_id", reply.callId())
                .put("status", reply.isOk() ? "ok" : "error")
                .put("content_type", reply.last().getContentType())
                .put("bytes", bytes)
                .put("out", reply.isOk() ? file.toString() : null)
                .put("next_cursor", reply.nextCursor());
        if (!reply.isOk()) {
            byte[] json = MessageCodec.of(ToolReply.class, null).encode("", reply.last(), Format.JSON);
            summary.set("error", JsonMapper.shared().readTree(json).path("error"));
        }
        return summary;
    }

    @Override
    public void close() {
        try {
            stream.close();
            if (made && !written) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw CliException.usage("--out " + file + ": cannot be closed: " + e, "", e);
        }
    }
}
