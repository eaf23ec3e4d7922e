package dev.toolpost.cli;

import dev.toolpost.sandbox.EmbeddedKafka;
import dev.toolpost.sandbox.EmbeddedRegistry;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.Worker;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.Secret;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code toolpost dev}: everything in one process, until it is interrupted. */
@Command(
        name = "dev",
        description =
                "Starts everything on this machine: a Kafka broker, a schema registry, a simulated HubSpot with the"
                        + " connection demo-hubspot, and a worker. Stays until interrupted (Ctrl-C); topics and connections are there"
                        + " again the next time. Other commands in the same directory find it by themselves.")
final class Dev implements Callable<Integer> {
    static final String CONNECTION = "demo-hubspot";

    private static final String LOOPBACK = "127.0.0.1";

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            defaultValue = "9092",
            description = "Port of the Kafka broker; 0 takes any free one. Default: 9092.")
    private int kafkaPort = 9092;

    @Option(
            names = "--registry-port",
            paramLabel = "PORT",
            defaultValue = "8081",
            description = "Port of the schema registry. Default: 8081.")
    private int registryPort = 8081;

    @Option(
            names = "--vendor-port",
            paramLabel = "PORT",
            defaultValue = "8082",
            description = "Port of the simulated HubSpot. Default: 8082.")
    private int vendorPort = 8082;

    @Option(
            names = "--health-port",
            paramLabel = "PORT",
            defaultValue = "8083",
            description = "Port of the worker's health endpoint. Default: 8083.")
    private int healthPort = 8083;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = LOOPBACK,
            description = "Address that broker and registry listen on. Default: 127.0.0.1, this machine alone.")
    private String host = LOOPBACK;

    @Option(
            names = "--advertised-host",
            paramLabel = "HOST",
            description = "Host that the broker tells clients, where --host is 0.0.0.0. Default: 127.0.0.1.")
    private @Nullable String advertisedHost;

    @Option(
            names = "--data",
            paramLabel = "DIRECTORY",
            description = "Where topics, schemas and connections are kept. Default: .toolpost/dev here.")
    private @Nullable Path data;

    @Override
    public Integer call() throws InterruptedException {
        long startedNanos = System.nanoTime();
        if (!common.options().isEmpty()) {
            throw CliException.usage("--bootstrap: dev starts a broker of its own", "Choose its port by --kafka-port.");
        }
        DevHome home = new DevHome(data == null ? DevHome.USUAL : data);
        Ports.requireFree("Kafka broker", "--kafka-port", host, kafkaPort);
        Ports.requireFree("schema registry", "--registry-port", host, registryPort);
        Ports.requireFree("simulated HubSpot", "--vendor-port", LOOPBACK, vendorPort);
        Ports.requireFree("worker's health endpoint", "--health-port", LOOPBACK, healthPort);
        try (DevLock _ = DevLock.take(home)) {
            return run(home, startedNanos);
        } catch (IOException e) {
            throw CliException.usage("the directory " + home.directory() + " cannot be used: " + e, "", e);
        }
    }

    private int run(DevHome home, long startedNanos) throws InterruptedException {
        progress("starting Kafka broker, schema registry and simulated HubSpot; state in " + home.directory());
        EmbeddedKafka.Builder kafka =
                EmbeddedKafka.builder().host(host).port(kafkaPort).dataDirectory(home.kafka());
        if (advertisedHost != null) {
            kafka.advertisedHost(advertisedHost);
        }
        LocalStack stack = LocalStack.start(new LocalStack.Plan(
                home,
                kafka,
                EmbeddedRegistry.builder().host(host).port(registryPort).dataDirectory(home.registry()),
                SimulatedVendor.builder().port(vendorPort),
                common.namedConfigFile(),
                System.getenv(),
                Map.of("worker.health_port", Integer.toString(healthPort))));
        CountDownLatch stopped = new CountDownLatch(1);
        Thread stop = Thread.ofPlatform().name("stop").unstarted(() -> {
            progress("stopping: the worker hands over, then broker and registry close");
            stack.close();
            progress("stopped");
            stopped.countDown();
        });
        Runtime.getRuntime().addShutdownHook(stop);
        String failure;
        try {
            stack.credentials()
                    .put(connection(stack), Secret.of("token", SimulatedVendor.DEFAULT_TOKEN), CredentialStore.ANY);
            progress("starting the worker");
            Worker worker = stack.startWorker();
            announce(stack, worker, home, Duration.ofNanos(System.nanoTime() - startedNanos));
            do {
                failure = stack.failure();
            } while (failure == null && !stopped.await(1, TimeUnit.SECONDS));
        } catch (RuntimeException e) {
            stack.close();
            throw e;
        }
        if (failure != null) {
            throw CliException.unreachable(failure, "The log above says more; start `toolpost dev` again.", null);
        }
        return ExitCode.OK;
    }

    private ConnectionRecord connection(LocalStack stack) {
        String tenant = stack.config().defaultTenant();
        return new ConnectionRecord(
                tenant == null ? "dev" : tenant,
                CONNECTION,
                "hubspot",
                "bearer",
                Map.of("base_url", stack.vendor().uri().toString()),
                Map.of(),
                Set.of(),
                Map.of("note", "written by toolpost dev at every start"));
    }

    private void progress(String what) {
        if (!common.json()) {
            common.err().println("toolpost dev: " + what);
            common.err().flush();
        }
    }

    private void announce(LocalStack stack, Worker worker, DevHome home, Duration took) {
        PrintWriter out = common.out();
        String bootstrap = stack.kafka().bootstrapServers();
        InetSocketAddress health = worker.healthAddress();
        String ready = health == null ? "" : "http://" + LOOPBACK + ":" + health.getPort() + "/health/ready";
        if (common.json()) {
            out.println(Json.object()
                    .put("bootstrap", bootstrap)
                    .put("registry", stack.registry().uri().toString())
                    .put("vendor", stack.vendor().uri().toString())
                    .put("health", ready)
                    .put("config", home.config().toString())
                    .put("connection", CONNECTION)
                    .put("took_ms", took.toMillis())
                    .toString());
            out.flush();
            return;
        }
        out.printf("%nReady after %.1f s.%n%n", took.toMillis() / 1000.0);
        new Table("Kafka broker", bootstrap)
                .row("Schema registry", stack.registry().uri().toString())
                .row("Simulated HubSpot", stack.vendor().uri() + " (token " + SimulatedVendor.DEFAULT_TOKEN + ")")
                .row("Worker", ready)
                .row(
                        "Connection",
                        CONNECTION + " of tenant " + connection(stack).tenant())
                .row("Configuration", home.config().toString())
                .print(out, "  ");
        out.println();
        out.println("Try, in another terminal:");
        out.println();
        if (!home.config().equals(DevHome.nearestConfig(Path.of("")))) {
            out.println("  export TOOLPOST_CONFIG=" + home.config());
        }
        tryThese(stack, bootstrap).forEach(command -> out.println("  " + command));
        out.println();
        out.println("Ctrl-C stops everything; topics and connections stay in " + home.directory() + ".");
        out.flush();
    }

    private List<String> tryThese(LocalStack stack, String bootstrap) {
        String command = Files.isRegularFile(Path.of("toolpost")) ? "./toolpost" : "toolpost";
        Topics topics = new Topics(stack.config().prefix());
        ConnectionRecord connection = connection(stack);
        String call = "{\"tool\":\"hubspot_get_contact\",\"connection\":\"" + CONNECTION
                + "\",\"arguments\":{\"contact_id\":\"51\"},\"reply_to\":\"" + topics.replies() + "\"}";
        return List.of(
                command + " call hubspot_list_contacts --connection " + CONNECTION + " --arg limit=3",
                command + " call hubspot_create_contact --connection " + CONNECTION
                        + " --arg properties.email=ada@example.com",
                "since=$(date +%s)000; echo '" + call + "' | kcat -P -b " + bootstrap + " -t " + topics.calls("hubspot")
                        + " -k " + connection.id() + " -X topic.partitioner=murmur2_random && kcat -C -b " + bootstrap
                        + " -t " + topics.replies() + " -o s@$since -c 1 -q");
    }
}
