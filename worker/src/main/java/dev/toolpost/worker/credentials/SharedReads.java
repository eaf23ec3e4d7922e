package dev.toolpost.worker.credentials;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One read of a key at a time, however many ask. Whoever must see what is there now waits for a read that begins after
 * asking, together with all others who ask meanwhile. A read has a thread of its own, so that nobody's interruption is
 * another's failure. Thread-safe.
 */
final class SharedReads<T> {

    /** The read of each key that was begun, or is to begin, last. */
    private final Map<String, Read<T>> latest = new HashMap<>();

    private static final class Read<T> {
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private boolean begun;
    }

    /** What a read says that is under way already, or begins now. */
    T read(String key, Supplier<T> source) {
        Read<T> read;
        synchronized (latest) {
            read = latest.get(key);
            if (read == null) {
                read = begin(key, null, source);
            }
        }
        return result(read);
    }

    /** What a read says that begins after this was called. */
    T readAnew(String key, Supplier<T> source) {
        Read<T> read;
        synchronized (latest) {
            read = latest.get(key);
            if (read == null || read.begun) {
                read = begin(key, read, source);
            }
        }
        return result(read);
    }

    /** Whether somebody waits for a read of the key. */
    boolean isUnderWay(String key) {
        synchronized (latest) {
            return latest.containsKey(key);
        }
    }

    private Read<T> begin(String key, @Nullable Read<T> before, Supplier<T> source) {
        Read<T> read = new Read<>();
        read.begun = before == null;
        latest.put(key, read);
        Thread.ofVirtual().name("credentials " + key).start(() -> {
            if (before != null) {
                // However it ended.
                before.result.handle((result, failure) -> true).join();
            }
            run(key, read, source);
        });
        return read;
    }

    private void run(String key, Read<T> read, Supplier<T> source) {
        synchronized (latest) {
            read.begun = true;
        }
        try {
            T result = source.get();
            end(key, read);
            read.result.complete(result);
        } catch (RuntimeException | Error failure) {
            end(key, read);
            read.result.completeExceptionally(failure);
        }
    }

    private void end(String key, Read<T> read) {
        synchronized (latest) {
            latest.remove(key, read);
        }
    }

    private static <T> T result(Read<T> read) {
        try {
            return read.result.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CredentialsUnavailableException("interrupted while waiting for a credential", interrupted);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof CredentialsUnavailableException unavailable) {
                throw new CredentialsUnavailableException(String.valueOf(unavailable.getMessage()), unavailable);
            }
            throw new CompletionException(failed.getCause());
        }
    }
}
