package dev.toolpost.worker.call;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.call.CallOutcome.Dropped;
import dev.toolpost.worker.call.KnownConnections.Lookup;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.commit.Committer;
import dev.toolpost.worker.credentials.CredentialsUnavailableException;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.oauth.Access;
import dev.toolpost.worker.oauth.AccessTokens;
import dev.toolpost.worker.oauth.Grant;
import dev.toolpost.worker.oauth.Ownership;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Gives a call its connection with a credential that may be sent: where tokens are fetched, with one that has not ended. Thread-safe. */
final class ConnectionTokens {

    private final KnownConnections connections;
    private final AccessTokens tokens;
    private final Committer committer;
    private final RejectedSecrets rejections;
    private final InstantSource clock;

    ConnectionTokens(
            KnownConnections connections,
            AccessTokens tokens,
            Committer committer,
            RejectedSecrets rejections,
            InstantSource clock) {
        this.connections = connections;
        this.tokens = tokens;
        this.committer = committer;
        this.rejections = rejections;
        this.clock = clock;
    }

    /** What a call gets. */
    sealed interface Credential {
        record Held(KnownConnection connection) implements Credential {}

        /** None, and this is the call's outcome. */
        record Refused(CallOutcome outcome) implements Credential {}
    }

    /** The connection as it is to be sent now; waits where a token must be fetched first. */
    Credential forSend(RunningCall run, Call call, Connector connector, KnownConnection connection)
            throws InterruptedException, CallSignalled {
        CallOutcome rejected = rejections.outcomeOf(connection.stored());
        if (rejected != null && !call.message().getDryRun()) {
            return new Credential.Refused(rejected);
        }
        if (!(authOf(connector, connection) instanceof Auth.Fetched auth)) {
            return new Credential.Held(connection);
        }
        if (call.message().getDryRun()) {
            return new Credential.Held(shown(connection, connector));
        }
        Credential credential = asked(
                run,
                call,
                connector,
                connection,
                () -> tokens.current(connection.stored(), connector, auth, ownership(run), deadlineNanos(call)));
        return credential instanceof Credential.Held(KnownConnection fresh)
                        && authOf(connector, fresh) instanceof Auth.Fetched other
                        && !other.id().equals(auth.id())
                // Added anew with another way to authenticate, whose token was never asked for.
                ? forSend(run, call, connector, fresh)
                : credential;
    }

    /** What a dry run shows needs no token, and fetches none. */
    private static KnownConnection shown(KnownConnection connection, Connector connector) {
        StoredConnection stored = connection.stored();
        return stored.secret().get(Auth.Fetched.ACCESS_TOKEN) != null
                ? connection
                : new KnownConnection(
                        new StoredConnection(
                                stored.connection(),
                                stored.secret().with(Auth.Fetched.ACCESS_TOKEN, "not-fetched"),
                                stored.version()),
                        connector);
    }

    /** Whether the token to be sent ended, or was rejected for another call, while its call waited for permits. */
    boolean hasEnded(Connector connector, KnownConnection connection) {
        return authOf(connector, connection) instanceof Auth.Fetched
                && (Grant.expiresAt(connection.stored().secret()) <= clock.millis()
                        || tokens.isBeingReplaced(connection.stored()));
    }

    /** The connection with the newest token that this worker knows: another call may have fetched one meanwhile. */
    KnownConnection newest(Call call, Connector connector, KnownConnection connection) {
        if (!(authOf(connector, connection) instanceof Auth.Fetched)) {
            return connection;
        }
        KnownConnection known = connections.lastKnown(call.connectionKey());
        return known != null
                        && known.stored().connection().vendor().equals(connector.vendor())
                        && known.stored().version() > connection.stored().version()
                ? known
                : connection;
    }

    /** The connection with another credential than the one that the vendor rejected. */
    Credential afterRejection(
            RunningCall run, Call call, Connector connector, KnownConnection rejected, VendorError error)
            throws InterruptedException, CallSignalled {
        Credential other = other(run, call, connector, rejected, error);
        if (other instanceof Credential.Refused(CallOutcome.Failure failure)
                && failure.error().code() == ErrorCode.REAUTHORIZATION_REQUIRED) {
            // What the vendor said to one call is nothing for another to read.
            rejections.rejected(
                    rejected.stored(), new CallOutcome.Failure(failure.error().withoutVendorBody()));
        }
        return other;
    }

    private Credential other(
            RunningCall run, Call call, Connector connector, KnownConnection rejected, VendorError error)
            throws InterruptedException, CallSignalled {
        if (authOf(connector, rejected) instanceof Auth.Fetched auth) {
            return asked(
                    run,
                    call,
                    connector,
                    rejected,
                    () -> tokens.replace(rejected.stored(), connector, auth, ownership(run), deadlineNanos(call)));
        }
        return connections.findNow(call, connector) instanceof Lookup.Found(KnownConnection fresh)
                        && fresh.stored().version() != rejected.stored().version()
                ? new Credential.Held(fresh)
                : new Credential.Refused(Errors.ofVendor(error, false, null));
    }

    /** Notes that the vendor took the credential. */
    void accepted(KnownConnection connection) {
        rejections.accepted(connection.stored());
    }

    /** Notes how the one replay after a rejection ended. */
    void replayed(Connector connector, KnownConnection connection, Verdict verdict) {
        if (!(authOf(connector, connection) instanceof Auth.Fetched)) {
            return;
        }
        if (verdict instanceof Verdict.Success) {
            tokens.freshOneAccepted(connection.stored());
        } else if (verdict instanceof Verdict.CredentialRejected) {
            tokens.freshOneRejected(connection.stored());
        }
    }

    private Credential asked(
            RunningCall run,
            Call call,
            Connector connector,
            KnownConnection connection,
            RunningCall.Wait<Access> question)
            throws InterruptedException, CallSignalled {
        Access access;
        try {
            access = run.waiting(question);
        } catch (CredentialsUnavailableException unavailable) {
            return new Credential.Refused(Errors.credentialsUnavailable(unavailable));
        }
        return switch (access) {
            case Access.Usable(StoredConnection stored)
            when !stored.connection().vendor().equals(connector.vendor()) ->
                new Credential.Refused(Errors.connectionOfOtherVendor(call, connector, stored));
            case Access.Usable(StoredConnection stored) ->
                new Credential.Held(connections.known(call.connectionKey(), stored, connector));
            case Access.ReauthorizationRequired(String message) ->
                new Credential.Refused(
                        Errors.reauthorizationRequired(connection.stored().connection(), message));
            case Access.Unavailable(String message, var retryAt) ->
                new Credential.Refused(Errors.noAccessToken(message, retryAt));
            case Access.TooLate() -> new Credential.Refused(Errors.deadlineExceeded(call, clock.millis()));
            case Access.NotOwned() -> new Credential.Refused(new Dropped());
            case Access.Gone() -> new Credential.Refused(Errors.unknownConnection(call, connector));
        };
    }

    private Ownership ownership(RunningCall run) {
        return () -> run.delivery().shard().mayStart()
                && committer.proveOwnership(
                        run.delivery().shard(), run.delivery().partition())
                && run.delivery().shard().mayStart();
    }

    private static @Nullable Auth authOf(Connector connector, KnownConnection connection) {
        return connector.auth(connection.stored().connection().authKind());
    }

    private long deadlineNanos(Call call) {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.max(0, call.deadline() - clock.millis()));
    }
}
