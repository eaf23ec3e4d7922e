package dev.toolpost.scheduler;

import dev.toolpost.connectors.hotupdate.ConnectorsStatus;
import dev.toolpost.scheduler.http.Answer;
import dev.toolpost.scheduler.http.Router;
import dev.toolpost.scheduler.state.RestoreProgress;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.streams.KafkaStreams;

/**
 * {@code GET /health/live}: 200 while the streams work or are on their way to; {@code GET /health/ready}: 200 while all that this instance
 * owns is restored and at work. Both say how far a restore has come and
 * how the connectors stand. Thread-safe.
 */
final class HealthPages {

    private final KafkaStreams streams;
    private final StreamsFailures failures;
    private final RestoreProgress restore;
    private final Definitions connectors;

    HealthPages(KafkaStreams streams, StreamsFailures failures, RestoreProgress restore, Definitions connectors) {
        this.streams = streams;
        this.failures = failures;
        this.restore = restore;
        this.connectors = connectors;
    }

    void addTo(Router router) {
        router.get("/health/live", request -> page(live()));
        router.get("/health/ready", request -> page(ready()));
    }

    boolean live() {
        KafkaStreams.State state = streams.state();
        return state == KafkaStreams.State.CREATED || state.isRunningOrRebalancing();
    }

    boolean ready() {
        return streams.state() == KafkaStreams.State.RUNNING
                && restore.underWay().isEmpty()
                && failures.waiting() == null;
    }

    private Answer page(boolean well) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", well ? "ok" : "failing");
        body.put("state", streams.state().name().toLowerCase(Locale.ROOT));
        body.put("restoring", restore.underWay());
        body.put("restored_records", restore.restored());
        ConnectorsStatus known = connectors.status();
        if (known != null) {
            body.put("connectors", known);
        }
        String waiting = failures.waiting();
        if (waiting != null) {
            body.put("waits_for", waiting);
        }
        Throwable failure = failures.lasting();
        if (failure != null) {
            body.put("failure", StreamsFailures.root(failure));
        }
        return Answer.json(well ? 200 : 503, body);
    }
}
