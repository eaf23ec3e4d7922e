package dev.toolpost.worker.rig;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How a worker in a process of its own says that it stands. */
public final class WorkerHealth {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final URI uri;

    private WorkerHealth(int port) {
        this.uri = URI.create("http://127.0.0.1:" + port + "/health/ready");
    }

    /** Has the workers that start from here on, one at most, tell their health. */
    public static WorkerHealth of(Rig rig) throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            rig.with("worker.health_port", Integer.toString(free.getLocalPort()));
            return new WorkerHealth(free.getLocalPort());
        }
    }

    /** The figures of a pool. */
    public JsonNode pool(String name) throws IOException, InterruptedException {
        JsonNode told = told();
        for (JsonNode pool : told.path("pools")) {
            if (pool.path("pool").asString().equals(name)) {
                return pool;
            }
        }
        throw new IllegalStateException("no pool " + name + " in " + told);
    }

    /** How the connectors stand. */
    public JsonNode connectors() throws IOException, InterruptedException {
        return told().path("connectors");
    }

    private JsonNode told() throws IOException, InterruptedException {
        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
                HttpResponse.BodyHandlers.ofString());
        return JsonMapper.shared().readTree(answer.body());
    }

    /** The shards of a pool whose work runs there. */
    public List<Integer> owned(String pool) throws IOException, InterruptedException {
        List<Integer> shards = new ArrayList<>();
        pool(pool).path("owned").forEach(shard -> shards.add(shard.asInt()));
        return shards;
    }
}
