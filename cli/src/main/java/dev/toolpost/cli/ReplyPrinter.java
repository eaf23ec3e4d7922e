package dev.toolpost.cli;

import dev.toolpost.client.Reply;
import dev.toolpost.message.FieldError;
import dev.toolpost.message.Stats;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.StringJoiner;

/**
 * Prints the answer to a call. As text: the content on standard output, all about it on standard error, so that the
 * content can be piped on. As JSON: every frame as it would stand on the topic, one line each.
 */
final class ReplyPrinter {
    private final CommonOptions common;

    ReplyPrinter(CommonOptions common) {
        this.common = common;
    }

    /** Prints it and says how the command ends. */
    int print(Reply reply, Duration took) {
        if (common.json()) {
            MessageCodec<ToolReply> codec = MessageCodec.of(ToolReply.class, null);
            for (ToolReply frame : reply.frames()) {
                common.out().println(new String(codec.encode("", frame, Format.JSON), StandardCharsets.UTF_8));
            }
        } else {
            for (ToolReply frame : reply.frames()) {
                if (frame.getContent() != null) {
                    common.out().println(Json.indent(frame.getContent()));
                }
            }
            common.out().flush();
            describe(reply, took);
        }
        if (common.out().checkError() || System.out.checkError()) {
            common.err()
                    .println(
                            "toolpost: standard output takes no more (a full disk, or its reader is gone); the result is lost");
            common.err().flush();
            return ExitCode.READER_GONE;
        }
        return reply.isOk() ? ExitCode.OK : ExitCode.ANSWERED_WITH_ERROR;
    }

    private void describe(Reply reply, Duration took) {
        PrintWriter err = common.err();
        ToolError error = reply.error();
        if (error != null) {
            print(err, error);
        }
        err.println((reply.isOk() ? "ok" : "failed") + " in " + took.toMillis() + " ms" + figures(reply.last())
                + ", call " + reply.callId());
        if (reply.nextCursor() != null) {
            err.println("next page: --cursor " + reply.nextCursor());
        }
        err.flush();
    }

    static void print(PrintWriter err, ToolError error) {
        err.println(error.getCode() + ": " + error.getMessage());
        for (FieldError field : error.getFields()) {
            err.println("  " + (field.getPath().isEmpty() ? "(all)" : field.getPath()) + ": " + field.getMessage());
        }
        if (error.getRemedy() != null) {
            err.println("  " + error.getRemedy());
        }
        if (error.getRetryAt() != null) {
            err.println("  try again after " + Instant.ofEpochMilli(error.getRetryAt()));
        } else if (error.getRetryable()) {
            err.println("  the same call may succeed later");
        }
        if (error.getVendorStatus() != null) {
            err.println("  the vendor said " + error.getVendorStatus()
                    + (error.getVendorCode() == null ? "" : " " + error.getVendorCode())
                    + (error.getVendorBody() == null ? "" : ": " + error.getVendorBody()));
        }
    }

    /** What answering took, as far as the worker says. */
    static String figures(ToolReply frame) {
        Stats stats = frame.getStats();
        if (stats == null || stats.getAttempts() == 0) {
            return "";
        }
        StringJoiner parts = new StringJoiner(", ", " (", ")");
        parts.add("vendor " + stats.getVendorMs() + " ms");
        if (stats.getWaitedMs() > 0) {
            parts.add("waited " + stats.getWaitedMs() + " ms");
        }
        parts.add(stats.getAttempts() == 1 ? "1 attempt" : stats.getAttempts() + " attempts");
        if (stats.getRecords() > 0) {
            parts.add(stats.getRecords() == 1 ? "1 record" : stats.getRecords() + " records");
        }
        return parts.toString();
    }
}
