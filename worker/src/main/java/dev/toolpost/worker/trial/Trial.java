package dev.toolpost.worker.trial;

import dev.toolpost.connectors.ArgumentProblem;
import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.Operation;
import dev.toolpost.connectors.ResponseKind;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.classify.WorkAnswer;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.oauth.Access;
import dev.toolpost.worker.oauth.TokenTrial;
import dev.toolpost.worker.request.RequestProblemException;
import dev.toolpost.worker.sql.VendorSql;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One call of a tool without Kafka, journal, limits and repetition. Everything else is as in a worker: the same tokens, builder, HTTP or
 * SQL and classification, one redirect of the same server, one more send where the vendor rejects a token that another can replace, and
 * the steps of an {@code operation}. Not thread-safe.
 */
public final class Trial implements AutoCloseable {
    private static final String CURSOR = "next_cursor";
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(100);

    private final ToolRef ref;
    private final CredentialStore store;
    private final Exchanges exchanges;
    private final TokenTrial tokens;
    private final TrialEvents events;
    private final InstantSource clock;
    private StoredConnection connection;
    private boolean fetched;

    /**
     * A trial of a tool.
     *
     * @param store holds the connection, and gets the tokens that are fetched for it
     * @param baseUrl in place of the connector's, or null
     */
    public Trial(
            ToolRef ref,
            CredentialStore store,
            StoredConnection connection,
            @Nullable String baseUrl,
            VendorHttp http,
            VendorSql sql,
            TrialEvents events,
            InstantSource clock,
            RandomGenerator random) {
        this.ref = ref;
        this.store = store;
        this.connection = connection;
        this.exchanges = new Exchanges(http, sql, clock, baseUrl);
        this.tokens = new TokenTrial(store, http, connection.secret(), events::tokenAsked, clock, random);
        this.events = events;
        this.clock = clock;
    }

    /** What is wrong with arguments; empty where they are valid. */
    public static List<ArgumentProblem> problems(ToolRef ref, ObjectNode given) {
        return ref.validator().validate(given);
    }

    /** A connection whose token is shown as masked anyway, and therefore need not be fetched. */
    private static StoredConnection withoutToken(StoredConnection stored) {
        return new StoredConnection(
                stored.connection(),
                stored.secret().with(Auth.Fetched.ACCESS_TOKEN, "not-fetched"),
                stored.grant(),
                stored.version());
    }

    /**
     * Shows what would be sent.
     *
     * @param given valid arguments; {@code next_cursor} is the place of a page as an answer names it, not sealed as agents see it
     * @throws RequestProblemException where nothing can be made of these arguments, or for this connection
     */
    public Ending show(ObjectNode given) throws RequestProblemException {
        Asked asked = asked(given);
        StoredConnection shown = auth() instanceof Auth.Fetched ? withoutToken(connection) : connection;
        events.sends(
                exchanges.of(ref, asked.arguments(), shown, asked.place(), null).shown());
        return new Ending.NothingSent();
    }

    /**
     * Makes the call.
     *
     * @param given valid arguments, as {@link #show} takes them
     * @param patience how long to wait for work that the vendor takes on
     * @throws RequestProblemException where no request can be made of these arguments, or for this connection
     */
    public Ending run(ObjectNode given, Duration patience) throws RequestProblemException, InterruptedException {
        Asked asked = asked(given);
        Ending first = exchange(ref, asked.arguments(), asked.place());
        Operation operation = ref.tool().operation();
        if (operation == null
                || !(first instanceof Ending.Done(Answer answer))
                || !(answer.verdict() instanceof Verdict.Success)) {
            return first;
        }
        return await(operation, answer, asked.arguments(), patience);
    }

    private record Asked(ObjectNode arguments, @Nullable String place) {}

    private Asked asked(ObjectNode given) {
        ObjectNode arguments = given.deepCopy();
        JsonNode cursor = ref.tool().paging() == null ? null : arguments.remove(CURSOR);
        String place = cursor == null || cursor.isNull() ? null : cursor.asString();
        return new Asked(ref.defaults().fillIn(arguments, null), place);
    }

    private Ending exchange(ToolRef step, ObjectNode arguments, @Nullable String place)
            throws RequestProblemException, InterruptedException {
        String moved = null;
        boolean replayed = false;
        if (auth() instanceof Auth.Fetched auth && !fetched) {
            Ending.NoToken none = taken(tokens.current(connection, ref.connector(), auth));
            if (none != null) {
                return none;
            }
        }
        while (true) {
            Exchanges.Ready ready = exchanges.of(step, arguments, connection, place, moved);
            events.sends(ready.shown());
            Answer answer = ready.make();
            events.answered(answer);
            if (answer.verdict() instanceof Verdict.Moved there && moved == null) {
                moved = there.place();
            } else if (answer.verdict() instanceof Verdict.CredentialRejected
                    && auth() instanceof Auth.Fetched auth
                    && !replayed
                    && !fetched) {
                replayed = true;
                Ending.NoToken none = taken(tokens.replace(connection, ref.connector(), auth));
                if (none != null) {
                    return none;
                }
            } else {
                return new Ending.Done(answer);
            }
        }
    }

    private @Nullable Auth auth() {
        return ref.connector().auth(connection.connection().authKind());
    }

    /** Why there is no token; null where there is one, and it is this trial's from now on. */
    private Ending.@Nullable NoToken taken(Access access) {
        return switch (access) {
            case Access.Usable(StoredConnection fresh) -> {
                fetched = !String.valueOf(token(fresh.secret())).equals(String.valueOf(token(connection.secret())));
                connection = fresh;
                yield null;
            }
            case Access.ReauthorizationRequired(String message) ->
                new Ending.NoToken("REAUTHORIZATION_REQUIRED", message);
            case Access.Unavailable(String message, var _) -> new Ending.NoToken("CREDENTIALS_UNAVAILABLE", message);
            case Access.TooLate(), Access.NotOwned() ->
                new Ending.NoToken("CREDENTIALS_UNAVAILABLE", "no access token in time");
            case Access.Gone() -> new Ending.NoToken("UNKNOWN_CONNECTION", "the connection was removed meanwhile");
        };
    }

    private static @Nullable String token(Secret secret) {
        return secret.get(Auth.Fetched.ACCESS_TOKEN);
    }

    private Ending await(Operation operation, Answer begun, ObjectNode arguments, Duration patience)
            throws RequestProblemException, InterruptedException {
        long started = System.nanoTime();
        ObjectNode known = arguments.deepCopy();
        WorkAnswer answer = read(ref.connector(), begun);
        Ending wrong = answer == null ? new Ending.Done(begun) : take(answer, operation.values(), known);
        ResponseKind kind = operation.download() == null ? ref.tool().response() : ResponseKind.JSON;
        ToolRef poll = ref.step(ref.tool().step(operation.poll().request(), kind));
        while (answer != null && wrong == null) {
            Duration told = answer.wait(operation.poll().waits());
            Duration wait = told == null ? operation.poll().every() : told;
            Duration next = wait.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : wait;
            if (System.nanoTime() - started + next.toNanos() > patience.toNanos()) {
                return new Ending.StillAtWork(patience);
            }
            events.waits(next);
            Thread.sleep(next);
            Ending asked = exchange(poll, known, null);
            if (!(asked instanceof Ending.Done(Answer state)) || !(state.verdict() instanceof Verdict.Success)) {
                return asked;
            }
            answer = read(ref.connector(), state);
            VendorError failure = answer == null ? null : answer.failure(operation.poll());
            if (failure != null) {
                return new Ending.WorkFailed(failure);
            }
            if (answer == null || answer.isDone(operation.poll())) {
                return answer == null ? asked : done(operation, asked, answer, known);
            }
        }
        return wrong == null ? new Ending.Done(begun) : wrong;
    }

    private Ending done(Operation operation, Ending polled, WorkAnswer answer, ObjectNode known)
            throws RequestProblemException, InterruptedException {
        Operation.Download download = operation.download();
        if (download == null) {
            return polled;
        }
        Ending wrong = take(answer, operation.poll().values(), known);
        return wrong == null
                ? exchange(ref.step(ref.tool().step(download.request(), download.response())), known, null)
                : wrong;
    }

    private @Nullable WorkAnswer read(Connector connector, Answer answer) {
        Answer.Reply reply = answer.reply();
        return reply == null ? null : new WorkAnswer(connector, reply.answered(), reply.asked(), clock.instant());
    }

    private static @Nullable Ending take(WorkAnswer answer, List<Operation.Value> values, ObjectNode known) {
        return switch (answer.take(values)) {
            case WorkAnswer.Taken.Wrong(VendorError error) -> new Ending.WorkFailed(error);
            case WorkAnswer.Taken.Whole(Map<String, String> more) -> {
                more.forEach(known::put);
                yield null;
            }
        };
    }

    /** Whether the vendor replaced what tokens are fetched with, so that what was given before is worth nothing any more. */
    public boolean replacedTheGrant(Secret before) {
        StoredConnection now = store.findNow(
                connection.connection().tenant(), connection.connection().connection());
        String was = before.get(Auth.OAuth2.REFRESH_TOKEN);
        return now != null && was != null && !was.equals(now.secret().get(Auth.OAuth2.REFRESH_TOKEN));
    }

    @Override
    public void close() {
        tokens.close();
    }
}
