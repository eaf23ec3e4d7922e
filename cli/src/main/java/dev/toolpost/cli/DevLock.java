package dev.toolpost.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps two of {@code dev} from using the same directory. The system lets go of it when the process ends, however it does. */
final class DevLock implements AutoCloseable {
    private final FileChannel channel;

    private DevLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws CliException where another process has it, or the directory cannot be used */
    static DevLock take(DevHome home) {
        try {
            Files.createDirectories(home.directory());
            FileChannel channel = FileChannel.open(
                    home.lock(), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (lock(channel) == null) {
                String owner = Files.readString(home.lock()).strip();
                channel.close();
                throw CliException.usage(
                        "another toolpost dev" + (owner.isEmpty() ? "" : " (process " + owner + ")") + " uses "
                                + home.directory(),
                        "Stop it, or choose another directory and ports: --data DIRECTORY --kafka-port 0 --registry-port 0"
                                + " --vendor-port 0 --health-port 0");
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            return new DevLock(channel);
        } catch (IOException e) {
            throw CliException.usage(
                    "the directory " + home.directory() + " cannot be used: " + e,
                    "Choose another that this user may write: --data DIRECTORY",
                    e);
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException inThisProcess) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
