package dev.toolpost.cli;

import dev.toolpost.connectors.Connector;
import dev.toolpost.sandbox.EmbeddedKafka;
import dev.toolpost.sandbox.EmbeddedRegistry;
import dev.toolpost.scheduler.Scheduler;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.Worker;
import dev.toolpost.worker.credentials.StoredConnection;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code toolpost dev}: everything in one process, until it is interrupted. */
@Command(
        name = "dev",
        description =
                "Starts everything on this machine: a Kafka broker, a schema registry, simulated vendors with a connection to"
                        + " each, a worker and a scheduler. Stays until interrupted (Ctrl-C); topics and connections are there"
                        + " again the next time. Other commands in the same directory find it by themselves.")
final class Dev implements Callable<Integer> {
    static final String HUBSPOT = "demo-hubspot";
    static final String SALESFORCE = "demo-salesforce";
    static final String JIRA = "demo-jira";

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

    @Mixin
    private DevVendors vendors = new DevVendors();

    @Option(
            names = "--health-port",
            paramLabel = "PORT",
            defaultValue = "8083",
            description = "Port of the worker's health endpoint. Default: 8083.")
    private int healthPort = 8083;

    @Option(
            names = "--scheduler-port",
            paramLabel = "PORT",
            defaultValue = "8079",
            description = "Port of the scheduler's HTTP endpoint. Default: 8079.")
    private int schedulerPort = 8079;

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
        vendors.requireFreePorts(LOOPBACK);
        Ports.requireFree("Kafka broker", "--kafka-port", host, kafkaPort);
        Ports.requireFree("schema registry", "--registry-port", host, registryPort);
        Ports.requireFree("worker's health endpoint", "--health-port", LOOPBACK, healthPort);
        Ports.requireFree("scheduler", "--scheduler-port", LOOPBACK, schedulerPort);
        try (DevLock _ = DevLock.take(home)) {
            return run(home, startedNanos);
        } catch (IOException e) {
            throw CliException.usage("the directory " + home.directory() + " cannot be used: " + e, "", e);
        }
    }

    private int run(DevHome home, long startedNanos) throws InterruptedException {
        progress("starting Kafka broker, schema registry and simulated vendors; state in " + home.directory());
        EmbeddedKafka.Builder kafka =
                EmbeddedKafka.builder().host(host).port(kafkaPort).dataDirectory(home.kafka());
        if (advertisedHost != null) {
            kafka.advertisedHost(advertisedHost);
        }
        LocalStack stack = LocalStack.start(new LocalStack.Plan(
                home,
                kafka,
                EmbeddedRegistry.builder().host(host).port(registryPort).dataDirectory(home.registry()),
                vendors.builders(),
                common.namedConfigFile(),
                System.getenv(),
                settings(home)));
        CountDownLatch stopped = new CountDownLatch(1);
        Thread stop = Thread.ofPlatform().name("stop").unstarted(() -> {
            progress("stopping: worker and scheduler hand over, then broker and registry close");
            stack.close();
            progress("stopped");
            stopped.countDown();
        });
        Runtime.getRuntime().addShutdownHook(stop);
        String failure;
        try {
            connect(stack);
            progress("starting worker and scheduler");
            Scheduler scheduler = stack.startScheduler();
            home.scheduler(URI.create(SchedulerSetup.url(scheduler.address())));
            Worker worker = stack.startWorker();
            announce(stack, worker, scheduler, home, Duration.ofNanos(System.nanoTime() - startedNanos));
            Thread.ofVirtual().start(() -> announceConnections(stack));
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

    private Map<String, String> settings(DevHome home) {
        Map<String, String> settings =
                new TreeMap<>(DevConnectors.prepare(home, common.namedConfigFile(), System.getenv()));
        settings.put("worker.health_port", Integer.toString(healthPort));
        settings.put("scheduler.http_port", Integer.toString(schedulerPort));
        settings.put("scheduler.threads", "1");
        return settings;
    }

    private void connect(LocalStack stack) {
        SandboxConnections connections = new SandboxConnections(
                stack.credentials(), tenant(stack), Map.of("note", "written by toolpost dev at every start"));
        for (String name : vendors.names()) {
            Connector connector = stack.catalogue().byVendor(name);
            if (connector == null) {
                progress("vendor " + name + " is disabled by the configuration, so it has no connection");
            } else {
                connections.ready(stack.vendor(name), connector, DevVendors.connection(name));
            }
        }
    }

    /** Jobs may be over all connections of a vendor, whoever added them. */
    private void announceConnections(LocalStack stack) {
        try {
            ConnectionNews.announce(stack.config(), stack.credentials().list(null));
        } catch (KafkaException | ExecutionException | TimeoutException untold) {
            progress("the connections could not be announced (" + untold.getMessage()
                    + "); toolpost connections announce tries again");
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private static String tenant(LocalStack stack) {
        String tenant = stack.config().defaultTenant();
        return tenant == null ? "dev" : tenant;
    }

    private void progress(String what) {
        if (!common.json()) {
            common.err().println("toolpost dev: " + what);
            common.err().flush();
        }
    }

    private void announce(LocalStack stack, Worker worker, Scheduler scheduler, DevHome home, Duration took) {
        PrintWriter out = common.out();
        String bootstrap = stack.kafka().bootstrapServers();
        InetSocketAddress listening = worker.healthAddress();
        String endpoint = listening == null ? "" : "http://" + LOOPBACK + ":" + listening.getPort();
        String health = endpoint + "/health/ready";
        if (listening != null) {
            home.worker(URI.create(endpoint));
        }
        if (common.json()) {
            ObjectNode ready = Json.object()
                    .put("bootstrap", bootstrap)
                    .put("registry", stack.registry().uri().toString())
                    .put("vendor", stack.vendor().uri().toString());
            ObjectNode connections = Json.object();
            for (String name : vendors.names()) {
                ready.put(name, stack.vendor(name).uri().toString());
                connections.put(name, DevVendors.connection(name));
            }
            ready.put("health", health)
                    .put("scheduler", SchedulerSetup.url(scheduler.address()))
                    .put("config", home.config().toString())
                    .put("connection", DevVendors.connection(vendors.names().getFirst()))
                    .set("connections", connections);
            ready.put("took_ms", took.toMillis());
            out.println(ready);
            out.flush();
            return;
        }
        out.printf("%nReady after %.1f s.%n%n", took.toMillis() / 1000.0);
        Table table = new Table("Kafka broker", bootstrap)
                .row("Schema registry", stack.registry().uri().toString());
        for (String name : vendors.names()) {
            table.row("Simulated " + title(stack, name), place(stack, name));
        }
        table.row("Tenant of the connections", tenant(stack))
                .row("Worker", health)
                .row("Scheduler", SchedulerSetup.url(scheduler.address()) + " (toolpost jobs, toolpost schedules)")
                .row("Your connectors", connectors(stack))
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

    private static String title(LocalStack stack, String vendor) {
        Connector connector = stack.catalogue().byVendor(vendor);
        return connector == null ? vendor : connector.title();
    }

    private static String place(LocalStack stack, String vendor) {
        StoredConnection stored = stack.credentials().find(tenant(stack), DevVendors.connection(vendor));
        return stack.vendor(vendor).uri()
                + (stored == null
                        ? ", no connection"
                        : ", connection " + DevVendors.connection(vendor) + " ("
                                + stored.connection().authKind() + ")");
    }

    private static String connectors(LocalStack stack) {
        return stack.config().connectors().directories().stream()
                        .map(directory -> directory.toAbsolutePath().normalize().toString())
                        .collect(Collectors.joining(", "))
                + " (watched: toolpost connectors new VENDOR)";
    }

    private List<String> tryThese(LocalStack stack, String bootstrap) {
        String command = Files.isRegularFile(Path.of("toolpost")) ? "./toolpost" : "toolpost";
        Topics topics = new Topics(stack.config().prefix());
        String call = "{\"tool\":\"hubspot_get_contact\",\"connection\":\"" + HUBSPOT
                + "\",\"arguments\":{\"contact_id\":\"51\"},\"reply_to\":\"" + topics.replies() + "\"}";
        List<String> lines = new ArrayList<>();
        List<String> names = vendors.names();
        if (names.contains("hubspot")) {
            lines.add(command + " call hubspot_list_contacts --connection " + HUBSPOT + " --arg limit=3");
        }
        if (names.contains("salesforce")) {
            lines.add(command + " call salesforce_list_contacts --connection " + SALESFORCE
                    + " --all --max-records 500 --view unified");
        }
        if (names.contains("jira")) {
            lines.add(command + " call jira_get_issue --connection " + JIRA
                    + " --arg key=10001 --arg fields=summary,status");
        }
        if (names.contains("hubspot")) {
            lines.add(command + " call hubspot_create_contact --connection " + HUBSPOT
                    + " --arg properties.email=ada@example.com");
            lines.add("since=$(date +%s)000; echo '" + call + "' | kcat -P -b " + bootstrap + " -t "
                    + topics.calls("hubspot") + " -k " + Shards.key(tenant(stack), HUBSPOT)
                    + " -X topic.partitioner=murmur2_random && kcat -C -b " + bootstrap
                    + " -t " + topics.replies() + " -o s@$since -c 1 -q");
        }
        names.stream()
                .filter(name -> !List.of("hubspot", "salesforce", "jira").contains(name))
                .forEach(name -> lines.add(command + " tools list --vendor " + name));
        if (names.contains("hubspot")) {
            lines.add(command + " jobs fetch hubspot_list_contacts --connection " + HUBSPOT + " --out contacts.ndjson");
        }
        lines.add(command + " limits");
        return lines;
    }
}
