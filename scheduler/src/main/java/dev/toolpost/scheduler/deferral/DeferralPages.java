package dev.toolpost.scheduler.deferral;

import dev.toolpost.scheduler.clock.BrokerTime;
import dev.toolpost.scheduler.http.Answer;
import dev.toolpost.scheduler.http.BadRequestException;
import dev.toolpost.scheduler.http.Peers;
import dev.toolpost.scheduler.http.Request;
import dev.toolpost.scheduler.http.Router;
import dev.toolpost.schemas.Shards;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
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
 * {@code GET /deferrals}: how many wait in each partition and when the next is due, on all instances together. With {@code tenant} and
 * {@code connection} also their own, earliest first, {@code limit} at most. An instance that did not answer is named in
 * {@code incomplete}. Thread-safe.
 */
final class DeferralPages {

    private static final String MOVING = "its state is moving or being restored, ask again";
    private static final int LISTED = 100;
    private static final int MOST_LISTED = 1_000;

    /** Read to find the earliest of a connection. */
    private static final int MOST_READ = 50_000;

    private final KafkaStreams streams;
    private final DeferralBoard board;
    private final Peers peers;

    private record Waiting(String id, long dueMillis) {}

    DeferralPages(KafkaStreams streams, DeferralBoard board, Peers peers) {
        this.streams = streams;
        this.board = board;
        this.peers = peers;
    }

    void addTo(Router router) {
        router.get("/deferrals", this::deferrals);
    }

    private Answer deferrals(Request request) throws InterruptedException {
        int limit = request.number("limit", LISTED, MOST_LISTED);
        String prefix = prefix(request);
        ObjectNode own = own(prefix, limit);
        return Answer.json(request.local() ? own : merged(own, peers.ask(request), prefix != null, limit));
    }

    private static @Nullable String prefix(Request request) {
        Optional<String> tenant = request.parameter("tenant");
        Optional<String> connection = request.parameter("connection");
        if (tenant.isPresent() != connection.isPresent()) {
            throw new BadRequestException("tenant and connection (expected: both or neither)", null);
        }
        return tenant.isEmpty() ? null : Shards.key(tenant.get(), connection.orElseThrow()) + "/";
    }

    private ObjectNode own(@Nullable String prefix, int limit) {
        ObjectNode body = JsonMapper.shared().createObjectNode();
        ArrayNode partitions = body.putArray("partitions");
        new TreeMap<>(board.lines()).forEach((partition, line) -> {
            ObjectNode row = partitions.addObject();
            row.put("partition", partition);
            row.put("pending", line.pending());
            if (line.pending() > 0 && line.nextDueMillis() != Long.MAX_VALUE) {
                row.put("next_due_at", line.nextDueMillis());
            }
            if (line.brokerMillis() != BrokerTime.UNKNOWN) {
                row.put("broker_time", line.brokerMillis());
            }
        });
        boolean moving = streams.state() != KafkaStreams.State.RUNNING;
        if (prefix != null) {
            try {
                list(body.putArray("deferrals"), waiting(prefix, limit));
            } catch (InvalidStateStoreException e) {
                moving |= owns();
            }
        }
        ArrayNode incomplete = body.putArray("incomplete");
        if (moving) {
            incomplete.add(MOVING);
        }
        return body;
    }

    /** More instances than partitions of {@code later} leave some without any, which lack nothing. */
    private boolean owns() {
        return !board.lines().isEmpty();
    }

    private List<Waiting> waiting(String prefix, int limit) {
        ReadOnlyKeyValueStore<byte[], byte[]> store = streams.store(
                StoreQueryParameters.fromNameAndType(Deferrals.STORE, QueryableStoreTypes.keyValueStore()));
        List<Waiting> all = new ArrayList<>();
        try (KeyValueIterator<byte[], byte[]> found =
                store.prefixScan(DeferralStore.idKey(prefix), new ByteArraySerializer())) {
            while (found.hasNext() && all.size() < MOST_READ) {
                var entry = found.next();
                all.add(new Waiting(
                        DeferralStore.idOf(entry.key), DueKey.of(entry.value).dueMillis()));
            }
        }
        all.sort(Comparator.comparingLong(Waiting::dueMillis));
        return all.subList(0, Math.min(all.size(), limit));
    }

    private static void list(ArrayNode rows, List<Waiting> waiting) {
        for (Waiting each : waiting) {
            rows.addObject().put("deferral_id", each.id).put("due_at", each.dueMillis);
        }
    }

    private static ObjectNode merged(ObjectNode own, List<Peers.Voice> others, boolean listed, int limit) {
        Map<Integer, JsonNode> partitions = new TreeMap<>();
        Map<String, Long> waiting = new LinkedHashMap<>();
        List<String> incomplete = new ArrayList<>();
        take("this instance", own, partitions, waiting, incomplete);
        for (Peers.Voice voice : others) {
            switch (voice) {
                case Peers.Voice.Answered answered ->
                    take(answered.host(), answered.body(), partitions, waiting, incomplete);
                case Peers.Voice.Silent silent -> incomplete.add(silent.host() + ": " + silent.reason());
            }
        }
        ObjectNode body = JsonMapper.shared().createObjectNode();
        body.put(
                "pending",
                partitions.values().stream()
                        .mapToLong(row -> row.path("pending").asLong())
                        .sum());
        partitions.values().stream()
                .filter(row -> row.has("next_due_at"))
                .mapToLong(row -> row.path("next_due_at").asLong())
                .min()
                .ifPresent(next -> body.put("next_due_at", next));
        body.putArray("partitions").addAll(partitions.values());
        if (listed) {
            list(
                    body.putArray("deferrals"),
                    waiting.entrySet().stream()
                            .map(entry -> new Waiting(entry.getKey(), entry.getValue()))
                            .sorted(Comparator.comparingLong(Waiting::dueMillis))
                            .limit(limit)
                            .toList());
        }
        ArrayNode missing = body.putArray("incomplete");
        incomplete.forEach(missing::add);
        return body;
    }

    private static void take(
            String host,
            JsonNode body,
            Map<Integer, JsonNode> partitions,
            Map<String, Long> waiting,
            List<String> incomplete) {
        body.path("partitions")
                .forEach(row -> partitions.put(row.path("partition").asInt(), row));
        body.path("deferrals")
                .forEach(row -> waiting.put(
                        row.path("deferral_id").asString(), row.path("due_at").asLong()));
        body.path("incomplete").forEach(reason -> incomplete.add(host + ": " + reason.asString()));
    }
}
