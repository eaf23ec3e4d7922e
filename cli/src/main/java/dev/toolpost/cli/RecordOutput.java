package dev.toolpost.cli;

import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where the records of a traversal go, frame by frame, each frame wholly or not at all. Not thread-safe. */
abstract class RecordOutput implements AutoCloseable {
    private long records;

    /** Nobody reads any more. */
    static final class ReaderGone extends RuntimeException {
        ReaderGone() {
            super("standard output was closed");
        }
    }

    /** One record a line, on standard output. */
    static RecordOutput lines(PrintWriter out) {
        return new Printed(out, false);
    }

    /** One frame a line, as it stands on the topic, on standard output. */
    static RecordOutput frames(PrintWriter out) {
        return new Printed(out, true);
    }

    /**
     * One record a line, into a file.
     *
     * @param append whether to add to what is there; else there may be nothing
     * @throws CliException where that cannot be done
     */
    static RecordOutput file(Path file, boolean append) {
        try {
            boolean made = !Files.exists(file);
            return new ToFile(file, open(file, append), made);
        } catch (FileAlreadyExistsException e) {
            throw CliException.usage(
                    "--out " + file + ": the file is there already, and nothing was changed",
                    "Name another, or add to this one by --append.",
                    e);
        } catch (IOException e) {
            throw CliException.usage("--out " + file + ": cannot be written: " + e, "Name another file.", e);
        }
    }

    private static FileChannel open(Path file, boolean append) throws IOException {
        boolean device = Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file);
        Set<OpenOption> options = device
                ? Set.of(StandardOpenOption.WRITE)
                : append
                        ? Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)
                        : Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        FileChannel channel = FileChannel.open(file, options);
        try {
            if (append && !device) {
                requireWholeLines(file, channel);
                channel.position(channel.size());
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void requireWholeLines(Path file, FileChannel channel) throws IOException {
        ByteBuffer last = ByteBuffer.allocate(1);
        if (channel.size() > 0 && channel.read(last, channel.size() - 1) == 1 && last.get(0) != '\n') {
            throw CliException.usage(
                    "--out " + file + " --append: the file does not end with a line break, so its last record may be"
                            + " incomplete",
                    "Remove that line, or end it, or name another file.");
        }
    }

    /**
     * Writes the records of a frame and hands them to the system.
     *
     * @throws CliException where they cannot be written
     * @throws ReaderGone where nobody reads them
     */
    void write(ToolReply frame) {
        String content = frame.getContent();
        StringBuilder lines = new StringBuilder(content == null ? 0 : content.length() + 64);
        int count = content == null ? 0 : JsonRecords.appendLines(content, lines);
        put(frame, lines);
        records += count;
    }

    /** Records written so far. */
    long records() {
        return records;
    }

    /** Where they are; null for standard output. */
    @Nullable
    Path file() {
        return null;
    }

    abstract void put(ToolReply frame, CharSequence lines);

    @Override
    public void close() {}

    private static final class Printed extends RecordOutput {
        private final PrintWriter out;
        private final boolean wholeFrames;
        private final MessageCodec<ToolReply> codec = MessageCodec.of(ToolReply.class, null);

        private Printed(PrintWriter out, boolean wholeFrames) {
            this.out = out;
            this.wholeFrames = wholeFrames;
        }

        @Override
        void put(ToolReply frame, CharSequence lines) {
            if (wholeFrames) {
                out.println(new String(codec.encode("", frame, Format.JSON), StandardCharsets.UTF_8));
            } else {
                out.append(lines);
            }
            // The writer stands on System.out, which keeps what goes wrong to itself.
            if (out.checkError() || System.out.checkError()) {
                throw new ReaderGone();
            }
        }
    }

    private static final class ToFile extends RecordOutput {
        private final Path file;
        private final FileChannel channel;

        /** Whether the file is of no use to anybody: it was made for an answer that did not begin. */
        private boolean forNothing;

        private boolean seekable = true;

        private ToFile(Path file, FileChannel channel, boolean made) {
            this.file = file;
            this.channel = channel;
            this.forNothing = made;
        }

        @Override
        Path file() {
            return file;
        }

        @Override
        void put(ToolReply frame, CharSequence lines) {
            long from = place();
            forNothing = false;
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(lines.toString());
            try {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException e) {
                takeBack(from);
                throw CliException.usage(
                        "--out " + file + ": writing failed after " + records() + " records, which stay: "
                                + e.getMessage(),
                        "Make room or name another file, and call again.",
                        e);
            }
        }

        private long place() {
            try {
                return seekable ? channel.position() : -1;
            } catch (IOException pipe) {
                seekable = false;
                return -1;
            }
        }

        /** So that no part of a record stays behind. */
        private void takeBack(long from) {
            try {
                if (from >= 0) {
                    channel.truncate(from);
                }
            } catch (IOException e) {
                seekable = false;
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
                if (forNothing) {
                    Files.deleteIfExists(file);
                }
            } catch (IOException e) {
                throw CliException.usage("--out " + file + ": closing failed: " + e, "Check the file.", e);
            }
        }
    }
}
