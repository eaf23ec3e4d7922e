package dev.toolpost.worker.trial;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ErrorRule;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.worker.classify.Classifier;
import dev.toolpost.worker.classify.SqlClassifier;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.request.AskedPage;
import dev.toolpost.worker.request.RequestBuilder;
import dev.toolpost.worker.request.RequestProblemException;
import dev.toolpost.worker.sql.SqlOutcome;
import dev.toolpost.worker.sql.SqlRequest;
import dev.toolpost.worker.sql.SqlRequestBuilder;
import dev.toolpost.worker.sql.VendorSql;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Makes and carries out single exchanges with the worker's own parts. Thread-safe. */
final class Exchanges {
    private final VendorHttp http;
    private final VendorSql sql;
    private final InstantSource clock;
    private final @Nullable String baseUrl;

    /** The same for every repetition: a key that a write is replayed under. */
    private final String idempotencyKey = UUID.randomUUID().toString();

    /** @param baseUrl in place of the connector's, or null */
    Exchanges(VendorHttp http, VendorSql sql, InstantSource clock, @Nullable String baseUrl) {
        this.http = http;
        this.sql = sql;
        this.clock = clock;
        this.baseUrl = baseUrl;
    }

    /** One exchange, ready to be made. */
    interface Ready {
        Shown shown();

        Answer make();
    }

    /**
     * The exchange of a tool or of a step of it.
     *
     * @param place of the page, or null
     * @param moved where the vendor says that what was asked for is now, or null
     * @throws RequestProblemException where none can be made of these arguments, or for this connection
     */
    Ready of(
            ToolRef ref,
            ObjectNode arguments,
            StoredConnection connection,
            @Nullable String place,
            @Nullable String moved)
            throws RequestProblemException {
        String address = baseUrl == null
                ? RequestBuilder.baseUrl(ref.connector(), ref.tool(), connection.connection())
                : baseUrl;
        if (ref.connector().database() != null) {
            return new OverSql(
                    ref,
                    SqlRequestBuilder.build(
                            ref.connector(), ref.tool(), arguments, connection, address, place, null, idempotencyKey));
        }
        VendorRequest request = RequestBuilder.build(
                ref.connector(),
                ref.tool(),
                arguments,
                connection.connection(),
                address,
                connection.secret(),
                place,
                null,
                ref.tool().idempotencyKeyHeader() == null ? null : idempotencyKey);
        VendorRequest there = moved == null
                ? request
                : RequestBuilder.moved(
                        request, moved, ref.connector(), ref.tool(), connection.connection(), connection.secret());
        return new OverHttp(ref, arguments, connection, place, there);
    }

    private final class OverHttp implements Ready {
        private final ToolRef ref;
        private final ObjectNode arguments;
        private final StoredConnection connection;
        private final @Nullable String place;
        private final VendorRequest request;

        OverHttp(
                ToolRef ref,
                ObjectNode arguments,
                StoredConnection connection,
                @Nullable String place,
                VendorRequest request) {
            this.ref = ref;
            this.arguments = arguments;
            this.connection = connection;
            this.place = place;
            this.request = request;
        }

        @Override
        public Shown shown() {
            return new Shown.Request(RequestBuilder.redacted(request, ref.connector(), connection.connection()));
        }

        @Override
        public Answer make() {
            HttpOutcome outcome = request.withoutEchoes(http.exchange(
                    request, System.nanoTime() + ref.tool().timeout().toNanos()));
            AskedPage asked = AskedPage.of(ref.tool(), request, arguments, place, null);
            Connector connector = ref.connector();
            Verdict verdict = Classifier.classify(connector, ref.tool(), outcome, asked, clock.instant());
            return switch (outcome) {
                case HttpOutcome.Answered answered -> {
                    ErrorRule rule = Classifier.deciding(connector, ref.tool(), answered);
                    int number = rule == null ? -1 : connector.errors().rules().indexOf(rule);
                    boolean own = number >= 0 && number < connector.errors().own(connector.retry());
                    yield new Answer(
                            true,
                            answered.status(),
                            answered.took(),
                            answered.headers().entries(),
                            answered.body().length,
                            rule,
                            own ? number : -1,
                            verdict,
                            new Answer.Reply(answered, asked));
                }
                case HttpOutcome.TooLarge tooLarge ->
                    new Answer(
                            true,
                            tooLarge.status(),
                            tooLarge.took(),
                            tooLarge.headers().entries(),
                            0,
                            null,
                            -1,
                            verdict,
                            null);
                case HttpOutcome.NotSent _, HttpOutcome.Unanswered _ ->
                    new Answer(false, null, outcome.took(), List.of(), 0, null, -1, verdict, null);
            };
        }
    }

    private final class OverSql implements Ready {
        private final ToolRef ref;
        private final SqlRequest request;

        OverSql(ToolRef ref, SqlRequest request) {
            this.ref = ref;
            this.request = request;
        }

        @Override
        public Shown shown() {
            return new Shown.Statement(
                    request.database().url(), request.readOnly(), request.text(), request.parameters());
        }

        @Override
        public Answer make() {
            SqlOutcome outcome = sql.execute(
                    request, System.nanoTime() + ref.tool().timeout().toNanos());
            boolean answered = switch (outcome) {
                case SqlOutcome.Done _, SqlOutcome.TooMuch _ -> true;
                case SqlOutcome.Failed failed -> !failed.lost();
                case SqlOutcome.NotSent _ -> false;
            };
            int bytes = outcome instanceof SqlOutcome.Done done ? done.body().length : 0;
            Verdict verdict = SqlClassifier.classify(ref.connector(), ref.tool(), outcome);
            return new Answer(answered, null, outcome.took(), List.of(), bytes, null, -1, verdict, null);
        }
    }
}
