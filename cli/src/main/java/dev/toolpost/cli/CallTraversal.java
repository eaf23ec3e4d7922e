package dev.toolpost.cli;

import dev.toolpost.client.CallSpec;
import dev.toolpost.client.ClientException;
import dev.toolpost.client.Diagnosis;
import dev.toolpost.client.ReplyStream;
import dev.toolpost.client.ToolpostClient;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.worker.config.ToolpostConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code toolpost call --all}: reads frame by frame, writes records as they come, says how far it is. */
final class CallTraversal {
    private static final Duration STEP = Duration.ofMillis(200);

    /** After how long without a first frame it is looked into. */
    private static final Duration SILENCE = Duration.ofSeconds(20);

    private final CommonOptions common;
    private final TraversalOptions options;
    private final RecordOutput output;
    private final @Nullable ProgressLine progress;
    private final long startedNanos = System.nanoTime();
    private int frames;
    private long pages;
    private @Nullable String nextCursor;
    private @Nullable ToolReply last;

    private CallTraversal(CommonOptions common, TraversalOptions options, RecordOutput output) {
        this.common = common;
        this.options = options;
        this.output = output;
        boolean recordsOnScreen = output.file() == null && Terminals.out();
        this.progress = options.quiet() || recordsOnScreen ? null : ProgressLine.on(common.err());
    }

    /**
     * Makes the call and reads its answer to the end. Says how the command ends.
     *
     * @throws ClientException if the call was not answered to its end; what came stays written
     */
    static int run(
            ToolpostConfig config,
            ToolpostClient client,
            CallSpec spec,
            CommonOptions common,
            TraversalOptions options,
            RecordOutput output)
            throws InterruptedException {
        CallTraversal traversal = new CallTraversal(common, options, output);
        try (ReplyStream stream = Setup.stream(config, client, spec);
                CancelOnInterrupt _ = CancelOnInterrupt.of(stream)) {
            traversal.read(client, stream);
            return traversal.conclude(stream);
        } catch (RecordOutput.ReaderGone gone) {
            return ExitCode.READER_GONE;
        } catch (ClientException | CliException broken) {
            traversal.breakOff();
            throw broken;
        }
    }

    private void read(ToolpostClient client, ReplyStream stream) throws InterruptedException {
        boolean lookedInto = false;
        while (!stream.isDone()) {
            ToolReply frame = stream.poll(STEP);
            if (frame != null) {
                take(frame);
            } else if (frames == 0 && !lookedInto && elapsedNanos() > SILENCE.toNanos()) {
                lookedInto = true;
                requireSomebody(client.diagnose(stream));
            }
            if (progress != null) {
                progress.show(this::figures);
            }
        }
    }

    private void take(ToolReply frame) {
        output.write(frame);
        frames++;
        last = frame;
        pages = frame.getStats() == null
                ? pages
                : Math.max(pages, frame.getStats().getPages());
        if (frame.getNextCursor() != null || frame.getLast()) {
            nextCursor = frame.getNextCursor();
        }
    }

    private static void requireSomebody(Diagnosis diagnosis) {
        if (diagnosis.nobodyThere()) {
            throw CliException.unreachable(
                    "no frame within " + SILENCE.toSeconds() + " s. " + diagnosis.finding(), diagnosis.remedy(), null);
        }
    }

    private int conclude(ReplyStream stream) {
        clear();
        ToolError error = last == null ? null : last.getError();
        boolean ok = error == null && last != null && last.getStatus().equals("ok");
        Path file = output.file();
        if (common.json() && file != null) {
            common.out().println(Json.print(summary(stream, file, ok)));
        }
        if (!common.json() || file != null) {
            describe(stream, error, ok);
        }
        return ok ? ExitCode.OK : ExitCode.ANSWERED_WITH_ERROR;
    }

    private void describe(ReplyStream stream, @Nullable ToolError error, boolean ok) {
        PrintWriter err = common.err();
        if (error != null) {
            ReplyPrinter.print(err, error);
        }
        if (!options.quiet()) {
            err.println((ok ? "ok: " : "stopped: ") + figures() + ", call " + stream.callId() + written());
        }
        sayWhereToGoOn();
        err.flush();
    }

    /** The answer stopped, or could not be written: what came before stays. */
    private void breakOff() {
        clear();
        if (frames > 0 && !(common.json() && output.file() == null)) {
            common.err().println("stopped: " + figures() + written());
            sayWhereToGoOn();
            common.err().flush();
        }
    }

    private void sayWhereToGoOn() {
        if (nextCursor != null) {
            common.err()
                    .println("go on with: " + (output.file() == null ? "" : "--append ") + "--cursor " + nextCursor);
        }
    }

    private String written() {
        return output.file() == null ? "" : ", written to " + output.file();
    }

    private ObjectNode summary(ReplyStream stream, Path file, boolean ok) {
        ObjectNode summary = Json.object();
        summary.put("call_id", stream.callId())
                .put("status", ok ? "ok" : "error")
                .put("records", output.records())
                .put("pages", pages)
                .put("took_ms", elapsedNanos() / 1_000_000)
                .put("out", file.toString())
                .put("next_cursor", nextCursor);
        if (last != null && last.getError() != null) {
            byte[] json = MessageCodec.of(ToolReply.class, null).encode("", last, Format.JSON);
            summary.set("error", JsonMapper.shared().readTree(json).path("error"));
        }
        return summary;
    }

    /** Such as: 12,400 of 20,000 records, 124 pages, 1,653 records/s, 7.5 s. */
    private String figures() {
        double seconds = elapsedNanos() / 1e9;
        Long most = options.maxRecords();
        return String.format(
                Locale.ROOT,
                "%,d%s %s, %,d %s, %,.0f records/s, %.1f s",
                output.records(),
                most == null || last == null || last.getLast() ? "" : String.format(Locale.ROOT, " of %,d", most),
                output.records() == 1 ? "record" : "records",
                pages,
                pages == 1 ? "page" : "pages",
                output.records() / Math.max(seconds, 0.001),
                seconds);
    }

    private long elapsedNanos() {
        return System.nanoTime() - startedNanos;
    }

    private void clear() {
        if (progress != null) {
            progress.clear();
        }
    }
}
