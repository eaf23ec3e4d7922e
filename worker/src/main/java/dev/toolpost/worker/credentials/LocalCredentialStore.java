package dev.toolpost.worker.credentials;

import dev.toolpost.worker.credentials.SealedFile.Content;
import dev.toolpost.worker.credentials.SealedFile.Stamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Connections in one encrypted file, for development and single machines.
 *
 * <p>The file is sealed with AES-256-GCM and replaced as a whole (written, synced, renamed), so a crash leaves the old
 * state or the new one. Several processes may share it: changes are made under a file lock, and a change made by another
 * process is seen within {@link #CHECK_EVERY}. The decrypted connections stay in memory, so finding one costs no I/O.
 *
 * <p>Versions grow over the whole store and are never used twice, even for a connection that was removed and came back.
 *
 * <p>Thread-safe.
 */
public final class LocalCredentialStore implements CredentialStore {

    /** How often, at most, the file is looked at for changes made by others. */
    public static final Duration CHECK_EVERY = Duration.ofMillis(100);

    private final Path path;
    private final SealedFile file;
    private final StoreLock storeLock;
    private final LongSupplier nanoTime;
    private final ReentrantLock checking = new ReentrantLock();

    private volatile State state;

    private LocalCredentialStore(Path path, SealedFile file, StoreLock storeLock, LongSupplier nanoTime, State state) {
        this.path = path;
        this.file = file;
        this.storeLock = storeLock;
        this.nanoTime = nanoTime;
        this.state = state;
    }

    /** What is known of the file since the last look at it. */
    private sealed interface State {
        long checkedAtNanos();

        record Known(long checkedAtNanos, Stamp stamp, Content content) implements State {}

        record Unavailable(long checkedAtNanos, CredentialsUnavailableException problem) implements State {}
    }

    /**
     * Opens a store; one that does not exist is created, with its key file.
     *
     * @throws CredentialsUnavailableException if the key is missing or wrong, the file is damaged or others may read it
     */
    public static LocalCredentialStore open(Path path, KeySource keySource) {
        return open(path, keySource, System::nanoTime);
    }

    static LocalCredentialStore open(Path path, KeySource keySource, LongSupplier nanoTime) {
        Path store = path.toAbsolutePath();
        try {
            PrivateFile.createDirectory(PrivateFile.directoryOf(store));
            StoreLock storeLock = new StoreLock(store);
            return storeLock.during(() -> open(store, keySource, nanoTime, storeLock));
        } catch (IOException e) {
            throw new CredentialsUnavailableException("The credential store " + store + " cannot be opened", e);
        }
    }

    private static LocalCredentialStore open(
            Path store, KeySource keySource, LongSupplier nanoTime, StoreLock storeLock) throws IOException {
        boolean isNew = !Files.exists(store);
        if (isNew && keySource instanceof KeySource.KeyFile(Path keyFile) && !Files.exists(keyFile)) {
            PrivateFile.createDirectory(PrivateFile.directoryOf(keyFile));
            StoreKey.create(keyFile);
        }
        SealedFile file = new SealedFile(store, StoreKey.of(keySource));
        if (isNew) {
            file.write(new Content(Map.of(), 0));
        }
        return new LocalCredentialStore(store, file, storeLock, nanoTime, load(store, file, nanoTime.getAsLong()));
    }

    @Override
    public @Nullable StoredConnection find(String tenant, String connection) {
        String id = tenant + "/" + connection;
        StoredConnection known = current(CHECK_EVERY).connections().get(id);
        // A connection that was just added is found by the very next call.
        return known == null ? asOfNow().connections().get(id) : known;
    }

    @Override
    public @Nullable StoredConnection findNow(String tenant, String connection) {
        return asOfNow().connections().get(tenant + "/" + connection);
    }

    @Override
    public List<ConnectionRecord> list(@Nullable String tenant) {
        return current(CHECK_EVERY).connections().values().stream()
                .map(StoredConnection::connection)
                .filter(each -> tenant == null || each.tenant().equals(tenant))
                .sorted(ConnectionRecord.BY_IDENTITY)
                .toList();
    }

    @Override
    public long put(ConnectionRecord connection, Secret secret, GrantState grant, long expectedVersion) {
        return change(content -> {
            StoredConnection current = content.connections().get(connection.id());
            long actual = current == null ? ABSENT : current.version();
            if (expectedVersion != ANY && expectedVersion != actual) {
                throw new VersionConflictException(connection.id(), expectedVersion, actual);
            }
            long version = content.lastVersion() + 1;
            Map<String, StoredConnection> changed = new TreeMap<>(content.connections());
            changed.put(connection.id(), new StoredConnection(connection, secret, grant, version));
            return new Changed<>(new Content(changed, version), version);
        });
    }

    @Override
    public boolean remove(String tenant, String connection) {
        return change(content -> {
            Map<String, StoredConnection> changed = new TreeMap<>(content.connections());
            if (changed.remove(tenant + "/" + connection) == null) {
                return new Changed<>(null, false);
            }
            return new Changed<>(new Content(changed, content.lastVersion()), true);
        });
    }

    private interface Edit<T> {
        Changed<T> of(Content content);
    }

    /** A null content changes nothing. */
    private record Changed<T>(@Nullable Content content, T result) {}

    private <T> T change(Edit<T> edit) {
        try {
            return storeLock.during(() -> {
                Changed<T> changed =
                        edit.of(load(path, file, nanoTime.getAsLong()).content());
                if (changed.content() != null) {
                    file.write(changed.content());
                    adopt(load(path, file, nanoTime.getAsLong()));
                }
                return changed.result();
            });
        } catch (IOException e) {
            throw new CredentialsUnavailableException("The credential store " + path + " cannot be changed", e);
        }
    }

    private void adopt(State changed) {
        checking.lock();
        try {
            state = changed;
        } finally {
            checking.unlock();
        }
    }

    private Content current(Duration notOlderThan) {
        State seen = state;
        if (nanoTime.getAsLong() - seen.checkedAtNanos() >= notOlderThan.toNanos() && checking.tryLock()) {
            try {
                seen = look(state);
                state = seen;
            } finally {
                checking.unlock();
            }
        }
        return content(seen);
    }

    /** Looked at after it was asked for, also where somebody else is looking at this moment. */
    private Content asOfNow() {
        long askedNanos = nanoTime.getAsLong();
        checking.lock();
        try {
            if (state.checkedAtNanos() - askedNanos <= 0) {
                state = look(state);
            }
            return content(state);
        } finally {
            checking.unlock();
        }
    }

    private static Content content(State seen) {
        return switch (seen) {
            case State.Known known -> known.content();
            case State.Unavailable(long at, CredentialsUnavailableException problem) ->
                throw new CredentialsUnavailableException(String.valueOf(problem.getMessage()), problem);
        };
    }

    /** Reads the file only if it is another one than that known. */
    private State look(State last) {
        long now = nanoTime.getAsLong();
        try {
            if (last instanceof State.Known(long at, Stamp stamp, Content content) && stamp.equals(file.stamp())) {
                return new State.Known(now, stamp, content);
            }
            return load(path, file, now);
        } catch (CredentialsUnavailableException e) {
            return new State.Unavailable(now, e);
        } catch (IOException e) {
            return new State.Unavailable(
                    now, new CredentialsUnavailableException("The credential store " + path + " cannot be read", e));
        }
    }

    private static State.Known load(Path path, SealedFile file, long now) throws IOException {
        // The stamp first: a change between the two is seen at the next look.
        Stamp stamp = file.stamp();
        if (stamp == null) {
            throw new CredentialsUnavailableException("The credential store " + path
                    + " has vanished. Put it back, or restart to begin with an empty one");
        }
        return new State.Known(now, stamp, file.read());
    }
}
