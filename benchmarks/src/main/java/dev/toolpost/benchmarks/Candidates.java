package dev.toolpost.benchmarks;

import dev.toolpost.sandbox.SimulatedVendor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Starts the worker, the bare loop and the parallel consumer on one stage, each with the same calls for the same vendor. */
final class Candidates {

    static final int SHARDS = 16;
    static final int CONTACTS = 100_000;

    private static final int CONNECTIONS_PER_SHARD = 4;
    private static final int FIRST_CONTACT = 51;
    private static final int CALL_BYTES = 500;
    static final List<String> PROPERTIES = List.of(
            "email",
            "firstname",
            "lastname",
            "phone",
            "company",
            "website",
            "jobtitle",
            "city",
            "state",
            "zip",
            "country",
            "lifecyclestage",
            "hs_lead_status",
            "createdate",
            "lastmodifieddate",
            "hs_object_id");

    private final Stage stage;
    private final Agent agent;
    private final int inFlight;

    Candidates(Stage stage, Agent agent, int inFlight) {
        this.stage = stage;
        this.agent = agent;
        this.inFlight = inFlight;
    }

    /** A stage for them: a vendor without limits and latency. */
    static Stage stage() {
        return Stage.open(SHARDS, "--limit=none", "--contacts=" + CONTACTS);
    }

    /**
     * Starts those that are asked for.
     *
     * @param only names, separated by commas; empty for all
     * @param jvm further options of each one's JVM
     * @param threads of the parallel consumer: {@code virtual} or {@code platform}
     */
    List<Candidate> start(String only, Map<String, String> workerSettings, List<String> jvm, String threads) {
        List<Candidate> all = new ArrayList<>();
        if (wanted(only, "worker")) {
            all.add(worker(workerSettings, jvm));
        }
        if (wanted(only, "bare")) {
            all.add(loop(Candidate.BARE, "bare", jvm, BareLoop.class));
        }
        if (wanted(only, "parallel")) {
            all.add(loop(Candidate.PARALLEL, "parallel", jvm, ParallelLoop.class, threads));
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException("--only=" + only + " (expected: of worker, bare, parallel)");
        }
        return all;
    }

    private static boolean wanted(String only, String name) {
        return only.isEmpty() || List.of(only.split(",", -1)).contains(name);
    }

    private Candidate worker(Map<String, String> settings, List<String> jvm) {
        List<String> connections = stage.connections(CONNECTIONS_PER_SHARD, Stage.UNLIMITED);
        Map<String, String> all = new HashMap<>(Map.of(
                "worker.session_timeout",
                Clients.SESSION_SECONDS + "s",
                "worker.max_in_flight",
                Integer.toString(inFlight)));
        all.putAll(settings);
        String properties = "[\"" + String.join("\",\"", PROPERTIES) + "\"]";
        return new Candidate(
                stage.worker(jvm, all),
                stage.replies(),
                number -> agent.encoded(agent.call(
                                Integer.toString(number),
                                "hubspot_get_contact",
                                connections.get(number % connections.size()),
                                "{\"contact_id\":\"" + contact(number) + "\",\"properties\":" + properties + "}")
                        .build()));
    }

    private Candidate loop(String name, String topic, List<String> jvm, Class<?> main, String... more) {
        String calls = topic + ".calls";
        String replies = topic + ".replies";
        stage.topic(calls);
        stage.topic(replies);
        List<String> args = new ArrayList<>(List.of(
                stage.bootstrapServers(),
                calls,
                replies,
                stage.vendor().uri().toString(),
                SimulatedVendor.DEFAULT_TOKEN,
                Integer.toString(inFlight)));
        args.addAll(List.of(more));
        String query = "?properties=" + String.join("%2C", PROPERTIES);
        return new Candidate(
                stage.open(Program.start(name, jvm, main, args.toArray(String[]::new))), replies, number -> {
                    byte[] value = new byte[CALL_BYTES];
                    Arrays.fill(value, (byte) ' ');
                    byte[] path = Agent.utf8("/crm/v3/objects/contacts/" + contact(number) + query);
                    System.arraycopy(path, 0, value, 0, path.length);
                    return new ProducerRecord<>(calls, number % SHARDS, Agent.utf8(Integer.toString(number)), value);
                });
    }

    private static int contact(int number) {
        return FIRST_CONTACT + number % CONTACTS;
    }
}
