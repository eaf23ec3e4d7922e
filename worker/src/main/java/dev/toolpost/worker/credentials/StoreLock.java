package dev.toolpost.worker.credentials;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One change of a store at a time: among the threads of this process by a lock, among processes by a lock on the file
 * {@code <store>.lock}. The operating system frees the latter when its process dies.
 */
final class StoreLock {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(2);

    /** A file lock belongs to the whole process, so its stores of one path share a lock. */
    private static final ConcurrentMap<Path, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

    private final Path path;
    private final ReentrantLock lock;

    StoreLock(Path store) throws IOException {
        Path directory = PrivateFile.directoryOf(store).toRealPath();
        path = directory.resolve(store.getFileName() + ".lock");
        lock = LOCKS.computeIfAbsent(path, absent -> new ReentrantLock());
    }

    interface Change<T> {
        T make() throws IOException;
    }

    <T> T during(Change<T> change) throws IOException {
        try {
            if (!lock.tryLock(LONGEST_WAIT.toNanos(), TimeUnit.NANOSECONDS)) {
                throw busy("another thread");
            }
            // Closing the file frees its lock.
            try (var file = new RandomAccessFile(path.toFile(), "rw")) {
                lockFile(file);
                return change.make();
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CredentialsUnavailableException(
                    "Interrupted while waiting for the credential store's lock " + path, e);
        }
    }

    private void lockFile(RandomAccessFile file) throws IOException, InterruptedException {
        for (long left = LONGEST_WAIT.dividedBy(PAUSE); left > 0; left--) {
            if (file.getChannel().tryLock() != null) {
                return;
            }
            Thread.sleep(PAUSE);
        }
        throw busy("another process");
    }

    private CredentialsUnavailableException busy(String holder) {
        return new CredentialsUnavailableException("The credential store is locked by " + holder + " for more than "
                + LONGEST_WAIT.toSeconds() + " s (" + path + "). Try again, or end that process");
    }
}
