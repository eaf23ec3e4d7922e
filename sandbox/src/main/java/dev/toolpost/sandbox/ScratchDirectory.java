package dev.toolpost.sandbox;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A temporary directory that lasts as long as its process. The owner holds a lock that the operating system drops with the process,
 * however it dies, so what a killed process left behind is recognised and removed by the next one.
 */
final class ScratchDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ScratchDirectory.class);
    private static final String LOCK = ".owner";

    /** A directory younger than this may belong to a process that has yet to take its lock. */
    private static final Duration GRACE = Duration.ofMinutes(1);

    private final Path path;
    private final FileChannel owner;

    private ScratchDirectory(Path path, FileChannel owner) {
        this.path = path;
        this.owner = owner;
    }

    static ScratchDirectory create(String prefix) {
        Path parent = Path.of(System.getProperty("java.io.tmpdir"));
        sweep(parent, prefix);
        try {
            Path path = Files.createTempDirectory(parent, prefix);
            FileChannel owner =
                    FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (owner.tryLock() == null) {
                owner.close();
                throw new SandboxException("Another process took the new directory " + path + ": try again.");
            }
            return new ScratchDirectory(path, owner);
        } catch (IOException e) {
            throw new SandboxException(
                    "Cannot create a directory in " + parent + " (java.io.tmpdir): " + e.getMessage()
                            + ". Free some space there, or give a data directory.",
                    e);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            delete(path);
            owner.close();
        } catch (IOException e) {
            LOG.warn("Left behind {}: {}", path, e.toString());
        }
    }

    private static void sweep(Path parent, String prefix) {
        try (DirectoryStream<Path> candidates = Files.newDirectoryStream(parent, prefix + "*")) {
            for (Path candidate : candidates) {
                sweepOne(candidate);
            }
        } catch (IOException e) {
            LOG.debug("Cannot look for old directories in {}", parent, e);
        }
    }

    private static void sweepOne(Path candidate) {
        try {
            long age = System.currentTimeMillis()
                    - Files.getLastModifiedTime(candidate).toMillis();
            if (age < GRACE.toMillis() || !Files.isRegularFile(candidate.resolve(LOCK))) {
                return;
            }
            try (FileChannel channel = FileChannel.open(candidate.resolve(LOCK), StandardOpenOption.WRITE)) {
                @Nullable FileLock lock = channel.tryLock();
                if (lock != null) {
                    delete(candidate);
                }
            }
        } catch (IOException | OverlappingFileLockException e) {
            LOG.debug("Not removing {}", candidate, e);
        }
    }

    private static void delete(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
