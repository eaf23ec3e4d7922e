package dev.toolpost.sandbox;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A schema registry with the part of Confluent's REST API that its clients use, for Avro schemas: subjects, versions, ids, compatibility,
 * configuration and mode, with Confluent's error codes. Confluent's own clients of Python, Go, JavaScript and Java work with it. Without a data
 * directory it forgets everything on {@link #close()}. Thread-safe.
 */
public final class EmbeddedRegistry implements AutoCloseable {

    private final HttpLoop loop;
    private final RegistryStore store;

    private EmbeddedRegistry(Builder builder) {
        this.store = new RegistryStore(builder.dataDirectory);
        RegistryApi api = new RegistryApi(store, builder.user, builder.password);
        this.loop = new HttpLoop("sandbox-registry", builder.host, builder.port, api::handle).start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A registry on a free port of the loopback address, in memory. */
    public static EmbeddedRegistry start() {
        return builder().start();
    }

    /** What clients take as {@code schema.registry.url}. */
    public URI uri() {
        return loop.uri();
    }

    @Override
    public void close() {
        loop.close();
        store.close();
    }

    /** Settings of a registry to be started. Not thread-safe. */
    public static final class Builder {

        private String host = Listening.LOOPBACK;
        private int port;
        private @Nullable Path dataDirectory;
        private @Nullable String user;
        private @Nullable String password;

        private Builder() {}

        /** Where to listen; default 127.0.0.1. */
        public Builder host(String newHost) {
            host = newHost;
            return this;
        }

        /** Default 0: any free port. */
        public Builder port(int newPort) {
            port = newPort;
            return this;
        }

        /** Where schemas stay after {@link EmbeddedRegistry#close()}; default nowhere. */
        public Builder dataDirectory(Path newDataDirectory) {
            dataDirectory = newDataDirectory.toAbsolutePath();
            return this;
        }

        /** Asks every client for these credentials (HTTP basic authentication). */
        public Builder basicAuth(String newUser, String newPassword) {
            user = newUser;
            password = newPassword;
            return this;
        }

        /**
         * Starts the registry.
         *
         * @throws SandboxException when the port is taken or the data directory cannot be used
         */
        public EmbeddedRegistry start() {
            return new EmbeddedRegistry(this);
        }
    }
}
