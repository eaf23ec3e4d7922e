package dev.toolpost.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The output of a fetch: lines are added, and nobody else adds any meanwhile. Used by one thread. */
final class FetchFile implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;

    private FetchFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** A new file. */
    static FetchFile create(Path file) {
        try {
            return locked(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw CliException.usage(
                    "--out " + file + ": the file is there already, and no fetch into it was interrupted",
                    "Name another, or remove it.",
                    e);
        } catch (IOException e) {
            throw CliException.usage("--out " + file + ": cannot be written: " + e, "Name another file.", e);
        }
    }

    /**
     * An earlier file, less what was written after its place was kept.
     *
     * @param bytes how long it was then
     */
    static FetchFile reopen(Path file, long bytes) {
        try {
            FetchFile opened = locked(file, StandardOpenOption.WRITE);
            if (opened.channel.size() < bytes) {
                long size = opened.channel.size();
                opened.close();
                throw CliException.usage(
                        "--out " + file + " has " + size + " bytes, fewer than the " + bytes + " that were fetched",
                        "Remove it and " + FetchPlace.beside(file) + " to fetch all anew.");
            }
            opened.channel.truncate(bytes);
            opened.channel.position(bytes);
            return opened;
        } catch (NoSuchFileException e) {
            throw CliException.usage(
                    "--out " + file + ": the file is gone, and its place is kept",
                    "Remove " + FetchPlace.beside(file) + " to fetch all anew.",
                    e);
        } catch (IOException e) {
            throw CliException.usage("--out " + file + ": cannot be written: " + e, "Check the file.", e);
        }
    }

    private static FetchFile locked(Path file, OpenOption... options) throws IOException {
        FileChannel channel = FileChannel.open(file, Set.of(options));
        FileLock lock = tryLock(channel);
        if (lock == null) {
            channel.close();
            throw CliException.usage(
                    "--out " + file + ": another fetch writes it", "Wait for it, or name another file.");
        }
        return new FetchFile(file, channel);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException inThisProcess) {
            return null;
        }
    }

    /** Adds lines and says how many bytes they are. */
    int write(CharSequence lines) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(lines.toString());
        int length = bytes.remaining();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw CliException.usage(
                    "--out " + file + ": writing failed: " + e.getMessage(),
                    "Make room, and run the same command again: it goes on from its place.",
                    e);
        }
        return length;
    }

    /** Returns when the disk has what was written. */
    void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw CliException.usage("--out " + file + ": writing failed: " + e.getMessage(), "Check the disk.", e);
        }
    }

    /** Removes the file where nothing came into it. */
    void discardEmpty() {
        try {
            if (channel.size() == 0) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw CliException.usage("--out " + file + " cannot be removed: " + e, "Remove it.", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw CliException.usage("--out " + file + ": closing failed: " + e, "Check the file.", e);
        }
    }
}
