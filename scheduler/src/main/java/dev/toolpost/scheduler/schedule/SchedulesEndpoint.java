package dev.toolpost.scheduler.schedule;

import dev.toolpost.scheduler.http.Answer;
import dev.toolpost.scheduler.http.Peers;
import dev.toolpost.scheduler.http.Request;
import dev.toolpost.scheduler.http.Router;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code GET /schedules?tenant=&limit=} and {@code GET /schedules/{id}}: the schedules of all instances, whichever is asked. What could
 * not be asked is named in {@code incomplete}. Thread-safe.
 */
final class SchedulesEndpoint {
    private static final int USUAL = 100;
    private static final int MOST = 10_000;

    private final Supplier<ReadOnlyKeyValueStore<String, byte[]>> store;
    private final Peers peers;

    SchedulesEndpoint(KafkaStreams streams, Peers peers) {
        this(
                () -> streams.store(StoreQueryParameters.fromNameAndType(
                        Schedules.STORE, QueryableStoreTypes.<String, byte[]>keyValueStore())),
                peers);
    }

    SchedulesEndpoint(Supplier<ReadOnlyKeyValueStore<String, byte[]>> store, Peers peers) {
        this.store = store;
        this.peers = peers;
    }

    void addTo(Router router) {
        router.get("/schedules", this::all);
        router.get("/schedules/{id}", this::one);
    }

    Answer all(Request request) throws InterruptedException {
        int limit = request.number("limit", USUAL, MOST);
        Gathered gathered = gather(request, limit, null);
        List<ObjectNode> found = gathered.found;
        found.sort(Comparator.comparing(each -> each.path("schedule_id").asString()));
        ObjectNode document = JsonMapper.shared().createObjectNode();
        ArrayNode list = document.putArray("schedules");
        found.stream().limit(limit).forEach(list::add);
        document.put("more", gathered.more || found.size() > limit);
        document.set("incomplete", gathered.incomplete);
        return Answer.json(document);
    }

    Answer one(Request request) throws InterruptedException {
        String id = request.variable("id");
        Gathered gathered = gather(request, 1, id);
        if (request.local()) {
            return Answer.json(document(gathered));
        }
        if (!gathered.found.isEmpty()) {
            return Answer.json(gathered.found.getFirst());
        }
        return gathered.incomplete.isEmpty()
                ? Answer.error(404, "schedule " + id + " is not known")
                : Answer.error(
                        503,
                        "schedule " + id + " is not known to the instances that answer, and these do not: "
                                + gathered.incomplete + "; ask again in a moment");
    }

    private static ObjectNode document(Gathered gathered) {
        ObjectNode document = JsonMapper.shared().createObjectNode();
        ArrayNode list = document.putArray("schedules");
        gathered.found.forEach(list::add);
        document.put("more", gathered.more);
        document.set("incomplete", gathered.incomplete);
        return document;
    }

    private static final class Gathered {
        private final List<ObjectNode> found = new ArrayList<>();
        private final ArrayNode incomplete = JsonMapper.shared().createArrayNode();
        private boolean more;
    }

    private Gathered gather(Request request, int limit, @Nullable String id) throws InterruptedException {
        Gathered gathered = new Gathered();
        try {
            ReadOnlyKeyValueStore<String, byte[]> local = store.get();
            if (id != null) {
                byte[] known = local.get(id);
                if (known != null) {
                    gathered.found.add(ScheduleView.of(ScheduleState.decode(known)));
                }
            } else {
                read(local, request.parameter("tenant"), limit, gathered);
            }
        } catch (InvalidStateStoreException moving) {
            gathered.incomplete.add("this instance: its share of the work is moving");
        }
        if (!request.local()) {
            for (Peers.Voice voice : peers.ask(request)) {
                switch (voice) {
                    case Peers.Voice.Answered answered -> add(answered.body(), gathered);
                    case Peers.Voice.Silent(String host, String reason) ->
                        gathered.incomplete.add(host + ": " + reason);
                }
            }
        }
        return gathered;
    }

    private static void read(
            ReadOnlyKeyValueStore<String, byte[]> local, Optional<String> tenant, int limit, Gathered gathered) {
        try (KeyValueIterator<String, byte[]> all = local.all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> each = all.next();
                if (each.key.startsWith(ScheduleProcessor.UNREAD)) {
                    continue;
                }
                ScheduleState state = ScheduleState.decode(each.value);
                if (tenant.isPresent() && !tenant.get().equals(Tenants.of(state.schedule()))) {
                    continue;
                }
                if (gathered.found.size() == limit) {
                    gathered.more = true;
                    return;
                }
                gathered.found.add(ScheduleView.of(state));
            }
        }
    }

    private static void add(JsonNode body, Gathered gathered) {
        for (JsonNode each : body.path("schedules")) {
            if (each instanceof ObjectNode schedule) {
                gathered.found.add(schedule);
            }
        }
        gathered.more |= body.path("more").asBoolean();
        body.path("incomplete").forEach(gathered.incomplete::add);
    }
}
