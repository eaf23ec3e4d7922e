package dev.toolpost.worker.bench;

import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.SandboxProcess;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.TopicCreator;
import dev.toolpost.schemas.TopicPlan;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import dev.toolpost.worker.WorkerMain;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.KeySource;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.credentials.LocalCredentialStore;
import dev.toolpost.worker.credentials.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Measures one worker process against a {@link BareLoop} process, side by side on one broker and one simulated vendor, in
 * alternating rounds of one run: calls per second, processor time per call, and latency at a steady rate. Only the ratios
 * mean anything on a machine that others use too.
 *
 * <p>A throughput round stops the process (SIGSTOP), puts its calls on the topic, lets it go on (SIGCONT) and waits until all
 * replies are on theirs, so that making the calls costs the round nothing. It runs for less than three minutes.
 *
 * <p>To run it, from the project's directory:
 *
 * <pre>
 * ./mvnw -q -pl worker -am test-compile dependency:build-classpath -Dmdep.outputFile=target/class-path
 * java -cp worker/target/test-classes:worker/target/classes:$(cat worker/target/class-path) \
 *     dev.toolpost.worker.bench.Throughput
 * </pre>
 *
 * <p>Options, as {@code --name=value}: {@code rounds}, {@code calls} (of one round), {@code warmup} (rounds not counted),
 * {@code in-flight}, {@code latency-rounds}, {@code latency-seconds} (of one round), {@code latency-ms} (of the vendor),
 * {@code commit-interval} (of the worker, as {@code 100ms}), {@code profile} (a file for a JFR recording of the worker), {@code only} ({@code worker} or {@code bare}).
 */
public final class Throughput {

    static final int SESSION_SECONDS = 30;

    private static final int PARTITIONS = 16;
    private static final int CONNECTIONS_PER_PARTITION = 4;
    private static final int CONTACTS = 100_000;
    private static final int FIRST_CONTACT = 51;
    private static final int CALLS_PER_SECOND = 500;
    private static final Duration LONGEST = Duration.ofSeconds(165);
    private static final Duration LONGEST_ROUND = Duration.ofSeconds(40);
    private static final String TENANT = "acme";
    private static final List<String> PROPERTIES = List.of(
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
    private static final int BARE_CALL_BYTES = 500;

    private final long startNanos = System.nanoTime();
    private final Map<String, String> options;
    private final SandboxProcess sandbox;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Topics topics = new Topics(Topics.DEFAULT_PREFIX);
    private final Path directory;
    private int lastCall;

    private Throughput(Map<String, String> options, SandboxProcess sandbox) throws IOException {
        this.options = options;
        this.sandbox = sandbox;
        this.directory = Files.createTempDirectory("toolpost-throughput");
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", sandbox.bootstrapServers(), "linger.ms", 0, "batch.size", 64 << 10),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", sandbox.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (String arg : args) {
            String[] parts = arg.split("=", 2);
            options.put(parts[0].replaceFirst("^--", ""), parts.length == 1 ? "" : parts[1]);
        }
        try (SandboxProcess sandbox = SandboxProcess.start(
                "--limit=none", "--contacts=" + CONTACTS, "--latency-ms=" + options.getOrDefault("latency-ms", "0"))) {
            new Throughput(options, sandbox).run();
        }
    }

    private void run() throws Exception {
        createTopics();
        List<Subject> subjects = new ArrayList<>();
        String only = options.getOrDefault("only", "");
        try {
            if (!only.equals("bare")) {
                subjects.add(worker());
            }
            if (!only.equals("worker")) {
                subjects.add(bareLoop());
            }
            Map<Subject, List<Round>> rounds = throughput(subjects);
            Map<Subject, List<Latency>> latencies = latency(subjects);
            report(subjects, rounds, latencies);
            if (!only.equals("bare")) {
                checkReplies();
            }
        } finally {
            subjects.forEach(Subject::close);
            producer.close(Duration.ofSeconds(1));
            consumer.close();
        }
    }

    private int option(String name, int otherwise) {
        return Integer.parseInt(options.getOrDefault(name, Integer.toString(otherwise)));
    }

    private boolean isOver(double part) {
        return System.nanoTime() - startNanos > LONGEST.toNanos() * part;
    }

    // ---- what is measured ----

    private void createTopics() throws InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", sandbox.bootstrapServers()))) {
            new TopicCreator(admin, Duration.ofSeconds(20))
                    .create(TopicPlan.of(
                            topics,
                            Set.of("hubspot"),
                            Set.of(topics.replies("bench")),
                            new TopicPlan.Sizing(PARTITIONS, PARTITIONS, (short) 1)));
            admin.createTopics(List.of(
                            new NewTopic("bare.calls", PARTITIONS, (short) 1),
                            new NewTopic("bare.replies", PARTITIONS, (short) 1)))
                    .all()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        }
    }

    private Subject worker() throws IOException {
        List<String> connections = connections();
        LocalCredentialStore credentials = LocalCredentialStore.open(
                directory.resolve("credentials"), new KeySource.KeyFile(directory.resolve("key")));
        for (String connection : connections) {
            credentials.put(
                    new ConnectionRecord(
                            TENANT,
                            connection,
                            "hubspot",
                            "bearer",
                            Map.of("base_url", sandbox.vendor().uri().toString()),
                            Map.of("ten_seconds", new LimitOverride(10_000_000, null)),
                            Set.of(),
                            Map.of()),
                    Secret.of("token", SimulatedVendor.DEFAULT_TOKEN),
                    CredentialStore.ANY);
        }
        String inFlight = Integer.toString(option("in-flight", 256));
        Path config = Files.writeString(directory.resolve("worker.yaml"), """
                authorization: off
                kafka.bootstrap.servers: '%s'
                schema_registry.url: '%s'
                pools: hubspot
                credentials.file: '%s'
                credentials.key_file: '%s'
                http.allow_addresses: 127.0.0.0/8
                worker.session_timeout: %ds
                worker.max_in_flight: %s
                worker.offset_commit_interval: %s
                """.formatted(
                        sandbox.bootstrapServers(),
                        sandbox.registry(),
                        directory.resolve("credentials"),
                        directory.resolve("key"),
                        SESSION_SECONDS,
                        inFlight,
                        options.getOrDefault("commit-interval", "100ms")));
        MessageCodec<ToolCall> codec =
                MessageCodec.of(ToolCall.class, new HttpSchemaRegistry(RegistrySettings.at(sandbox.registry() + "")));
        String calls = topics.calls("hubspot");
        String replies = topics.replies("bench");
        String properties = "[\"" + String.join("\",\"", PROPERTIES) + "\"]";
        List<String> jvm = options.containsKey("profile")
                ? List.of("-XX:StartFlightRecording=settings=profile,filename=" + options.get("profile"))
                : List.of();
        return Subject.start(
                "worker",
                replies,
                number -> {
                    String connection = connections.get(number % connections.size());
                    ToolCall call = ToolCall.newBuilder()
                            .setCallId(Integer.toString(number))
                            .setTool("hubspot_get_contact")
                            .setTenant(TENANT)
                            .setConnection(connection)
                            .setArguments(
                                    "{\"contact_id\":\"" + contact(number) + "\",\"properties\":" + properties + "}")
                            .setReplyTo(replies)
                            .build();
                    return new ProducerRecord<>(
                            calls, utf8(TENANT + "/" + connection), codec.encode(calls, call, Format.AVRO));
                },
                jvm,
                WorkerMain.class,
                "--config",
                config.toString());
    }

    /** The same number of connections for every shard. */
    private static List<String> connections() {
        Map<Integer, List<String>> byShard = new HashMap<>();
        int full = 0;
        for (int i = 0; full < PARTITIONS; i++) {
            String name = "crm-" + i;
            List<String> names =
                    byShard.computeIfAbsent(Shards.of(TENANT, name, PARTITIONS), shard -> new ArrayList<>());
            if (names.size() < CONNECTIONS_PER_PARTITION) {
                names.add(name);
                full += names.size() == CONNECTIONS_PER_PARTITION ? 1 : 0;
            }
        }
        return byShard.values().stream().flatMap(List::stream).toList();
    }

    private Subject bareLoop() {
        String query = "?properties=" + String.join("%2C", PROPERTIES);
        return Subject.start(
                "bare loop",
                "bare.replies",
                number -> {
                    byte[] value = new byte[BARE_CALL_BYTES];
                    Arrays.fill(value, (byte) ' ');
                    byte[] path = utf8("/crm/v3/objects/contacts/" + contact(number) + query);
                    System.arraycopy(path, 0, value, 0, path.length);
                    return new ProducerRecord<>(
                            "bare.calls", number % PARTITIONS, utf8(Integer.toString(number)), value);
                },
                List.of(),
                BareLoop.class,
                sandbox.bootstrapServers(),
                "bare.calls",
                "bare.replies",
                sandbox.vendor().uri().toString(),
                SimulatedVendor.DEFAULT_TOKEN,
                Integer.toString(option("in-flight", 256)));
    }

    private static int contact(int number) {
        return FIRST_CONTACT + number % CONTACTS;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // ---- throughput ----

    /** The processor times are per call, in microseconds; the sandbox's is that of broker and vendor. */
    private record Round(double callsPerSecond, double cpu, double cpuInKernel, double sandboxCpu) {}

    private Map<Subject, List<Round>> throughput(List<Subject> subjects) {
        Map<Subject, List<Round>> rounds = new HashMap<>();
        int warmup = option("warmup", 6);
        int all = warmup + option("rounds", 6);
        int calls = option("calls", 40_000);
        System.out.printf(
                "%n%-12s %10s %12s %12s %12s%n", "throughput", "calls/s", "CPU us/call", "in kernel", "sandbox's");
        for (int i = 0; i < all && !isOver(0.65); i++) {
            for (Subject subject : subjects) {
                Round round = round(subject, calls);
                boolean counts = i >= warmup;
                System.out.printf(
                        "%-12s %10.0f %12.1f %12.1f %12.1f%s%n",
                        subject.name(),
                        round.callsPerSecond,
                        round.cpu,
                        round.cpuInKernel,
                        round.sandboxCpu,
                        counts ? "" : "  (warm-up)");
                if (counts) {
                    rounds.computeIfAbsent(subject, first -> new ArrayList<>()).add(round);
                }
            }
        }
        return rounds;
    }

    private Round round(Subject subject, int calls) {
        long already = replies(subject);
        subject.freeze();
        publish(subject, calls);
        CpuTime cpu = CpuTime.of(subject.pid());
        CpuTime sandboxCpu = CpuTime.of(sandbox.pid());
        long from = System.nanoTime();
        subject.thaw();
        while (replies(subject) - already < calls) {
            if (System.nanoTime() - from > LONGEST_ROUND.toNanos()) {
                throw new IllegalStateException(subject.name() + " answered " + (replies(subject) - already) + " of "
                        + calls + " calls within " + LONGEST_ROUND);
            }
            LockSupport.parkNanos(2_000_000);
        }
        double seconds = (System.nanoTime() - from) / 1e9;
        CpuTime used = CpuTime.of(subject.pid()).since(cpu);
        return new Round(
                calls / seconds,
                used.perCall(calls),
                (double) used.kernel() / calls,
                CpuTime.of(sandbox.pid()).since(sandboxCpu).perCall(calls));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // flush waits, and a call that is missing shows as a missing reply
    private void publish(Subject subject, int calls) {
        for (int i = 0; i < calls; i++) {
            producer.send(subject.call(++lastCall));
        }
        producer.flush();
    }

    private long replies(Subject subject) {
        return consumer.endOffsets(partitions(subject.replies())).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private static List<TopicPartition> partitions(String topic) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < PARTITIONS; i++) {
            partitions.add(new TopicPartition(topic, i));
        }
        return partitions;
    }

    // ---- latency ----

    /** From the send of a call to the receipt of its reply, in milliseconds. */
    private record Latency(double p50, double p99) {}

    private Map<Subject, List<Latency>> latency(List<Subject> subjects) throws InterruptedException {
        Map<Subject, List<Latency>> rounds = new HashMap<>();
        int calls = option("latency-seconds", 5) * CALLS_PER_SECOND;
        System.out.printf("%n%-12s %10s %12s%n", "latency", "p50 ms", "p99 ms");
        for (int i = 0; i <= option("latency-rounds", 5) && !isOver(0.9); i++) {
            for (Subject subject : subjects) {
                long[] took = latency(subject, calls).stream()
                        .mapToLong(Long::longValue)
                        .sorted()
                        .toArray();
                Latency round = new Latency(percentile(took, 0.5), percentile(took, 0.99));
                boolean counts = i > 0;
                System.out.printf(
                        "%-12s %10.2f %12.2f%s%n", subject.name(), round.p50, round.p99, counts ? "" : "  (warm-up)");
                if (counts) {
                    rounds.computeIfAbsent(subject, first -> new ArrayList<>()).add(round);
                }
            }
        }
        return rounds;
    }

    private List<Long> latency(Subject subject, int calls) throws InterruptedException {
        int first = lastCall + 1;
        long[] sentAt = new long[calls];
        List<Long> took = new ArrayList<>(calls);
        List<TopicPartition> partitions = partitions(subject.replies());
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        Thread sender = Thread.ofPlatform().start(() -> send(subject, first, sentAt));
        long until = System.nanoTime() + LONGEST_ROUND.toNanos();
        while (took.size() < calls && System.nanoTime() < until) {
            for (ConsumerRecord<byte[], byte[]> reply : consumer.poll(Duration.ofMillis(100))) {
                int call = Integer.parseInt(new String(reply.key(), StandardCharsets.UTF_8)) - first;
                took.add(System.nanoTime() - sentAt[call]);
            }
        }
        sender.join();
        lastCall += calls;
        consumer.unsubscribe();
        if (took.size() < calls) {
            throw new IllegalStateException(
                    subject.name() + " answered " + took.size() + " of " + calls + " calls within " + LONGEST_ROUND);
        }
        return took;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a call that is missing shows as a missing reply
    private void send(Subject subject, int first, long[] sentAt) {
        long from = System.nanoTime();
        for (int i = 0; i < sentAt.length; i++) {
            long due = from + i * 1_000_000_000L / CALLS_PER_SECOND;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            ProducerRecord<byte[], byte[]> call = subject.call(first + i);
            sentAt[i] = System.nanoTime();
            producer.send(call);
        }
    }

    // ---- results ----

    private static void report(
            List<Subject> subjects, Map<Subject, List<Round>> rounds, Map<Subject, List<Latency>> latencies) {
        System.out.printf("%n%-12s %10s %12s %10s %10s%n", "median", "calls/s", "CPU us/call", "p50 ms", "p99 ms");
        List<double[]> figures = new ArrayList<>();
        for (Subject subject : subjects) {
            List<Round> counted = rounds.getOrDefault(subject, List.of());
            List<Latency> latency = latencies.getOrDefault(subject, List.of());
            double[] each = {
                median(counted, Round::callsPerSecond),
                median(counted, Round::cpu),
                median(latency, Latency::p50),
                median(latency, Latency::p99)
            };
            figures.add(each);
            System.out.printf(
                    "%-12s %10.0f %12.1f %10.2f %10.2f%n", subject.name(), each[0], each[1], each[2], each[3]);
        }
        if (figures.size() == 2) {
            double[] worker = figures.get(0);
            double[] bare = figures.get(1);
            System.out.printf(
                    "%-12s %10.2f %12.2f %10.2f %10.2f%n",
                    "ratio", worker[0] / bare[0], worker[1] / bare[1], worker[2] / bare[2], worker[3] / bare[3]);
            System.out.printf("%-12s %10s %12s %10s %10s%n", "target", ">= 0.85", "<= 1.30", "<= 1.50", "<= 1.50");
        }
    }

    private static <T> double median(List<T> rounds, ToDoubleFunction<T> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static double percentile(long[] sortedNanos, double part) {
        return sortedNanos.length == 0 ? Double.NaN : sortedNanos[(int) (part * (sortedNanos.length - 1))] / 1e6;
    }

    /** The replies that were counted are results, not errors. */
    private void checkReplies() {
        MessageCodec<ToolReply> codec =
                MessageCodec.of(ToolReply.class, new HttpSchemaRegistry(RegistrySettings.at(sandbox.registry() + "")));
        List<TopicPartition> partitions = partitions(topics.replies("bench"));
        consumer.assign(partitions);
        consumer.endOffsets(partitions).forEach((partition, end) -> consumer.seek(partition, Math.max(0, end - 200)));
        int ok = 0;
        int bytes = 0;
        for (int i = 0; i < 20; i++) {
            for (ConsumerRecord<byte[], byte[]> message : consumer.poll(Duration.ofMillis(100))) {
                ToolReply reply = codec.decode(message.topic(), message.value()).value();
                if (!reply.getStatus().equals("ok")) {
                    throw new IllegalStateException("call " + reply.getCallId() + " failed: " + reply.getError());
                }
                ok++;
                bytes += message.value().length;
            }
        }
        System.out.printf("checked %d replies, %d bytes each on average%n", ok, ok == 0 ? 0 : bytes / ok);
    }
}
