package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.worker.credentials.StoredConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The one refresh of a connection in this process, and all who wait for it. Thread-safe. */
final class Flight {

    private final String tenant;
    private final String connection;
    private final Connector connector;
    private final Auth.Fetched auth;
    private final @Nullable String unwanted;
    private final boolean rejected;
    private final Ownership ownership;
    private final CompletableFuture<Access> end = new CompletableFuture<>();

    /**
     * A refresh that begins.
     *
     * @param unwanted the access token that is to be replaced, or null where there is none
     * @param rejected whether the vendor has rejected that token, although it had not ended
     */
    Flight(
            String tenant,
            String connection,
            Connector connector,
            Auth.Fetched auth,
            @Nullable String unwanted,
            boolean rejected,
            Ownership ownership) {
        this.tenant = tenant;
        this.connection = connection;
        this.connector = connector;
        this.auth = auth;
        this.unwanted = unwanted;
        this.rejected = rejected;
        this.ownership = ownership;
    }

    String tenant() {
        return tenant;
    }

    String connection() {
        return connection;
    }

    String id() {
        return tenant + "/" + connection;
    }

    Connector connector() {
        return connector;
    }

    Auth.Fetched auth() {
        return auth;
    }

    @Nullable
    String unwanted() {
        return unwanted;
    }

    /** Whether what is stored now is still an account at the vendor that the refresh began for: its secrets are nobody else's business. */
    boolean isOf(StoredConnection stored) {
        return stored.connection().vendor().equals(connector.vendor());
    }

    boolean rejected() {
        return rejected;
    }

    Ownership ownership() {
        return ownership;
    }

    /** Tells all who wait; the first word counts. */
    void ends(Access access) {
        end.complete(access);
    }

    /** Waits for its end, at most so long. */
    Access await(long nanos) throws InterruptedException {
        try {
            return end.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException tooLate) {
            return new Access.TooLate();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("a refresh ends with a value", impossible);
        }
    }
}
