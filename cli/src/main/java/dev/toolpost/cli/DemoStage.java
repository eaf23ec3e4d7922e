package dev.toolpost.cli;

import dev.toolpost.client.CallSpec;
import dev.toolpost.client.ClientException;
import dev.toolpost.client.Reply;
import dev.toolpost.client.ToolpostClient;
import dev.toolpost.sandbox.EmbeddedKafka;
import dev.toolpost.sandbox.EmbeddedRegistry;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the demo plays: everything of {@code dev} on free ports and in a temporary directory, a client, and whatever else a step
 * starts. All of it ends with {@link #close()}. Thread-safe.
 */
final class DemoStage implements AutoCloseable {
    static final String POOL = "hubspot";

    /** The limit of every account at the simulated vendor: so that the demo is short; HubSpot's is 100 in 10 s. */
    static final int PERMITS = 100;

    static final Duration WINDOW = Duration.ofSeconds(2);

    /** How long a worker may be silent before another takes its shards. */
    static final Duration SESSION = Duration.ofSeconds(3);

    private static final Duration JOIN_BOUND = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(DemoStage.class);

    private final Path directory;
    private final DevHome home;
    private final LocalStack stack;
    private final ToolpostClient client;
    private final DemoAccounts accounts;
    private final Opened opened = new Opened();
    private int schedulerPort;

    private DemoStage(Path directory, DevHome home, LocalStack stack) {
        this.directory = directory;
        this.home = home;
        this.stack = stack;
        this.client = Setup.client(stack.config(), stack.catalogue(), Format.AVRO, null);
        this.accounts = new DemoAccounts(stack);
        opened.add(stack);
        opened.add(client);
    }

    /** Broker, registry, vendor, topics, client and one worker. */
    static DemoStage start() throws InterruptedException {
        Path directory;
        try {
            directory = Files.createTempDirectory("toolpost-demo-");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary directory can be made", e);
        }
        try {
            DevHome home = new DevHome(directory.resolve("home"));
            LocalStack stack = LocalStack.start(new LocalStack.Plan(
                    home,
                    EmbeddedKafka.builder(),
                    EmbeddedRegistry.builder(),
                    List.of(
                            SimulatedVendor.builder().limit(PERMITS, WINDOW),
                            SimulatedVendor.builder().profile("salesforce"),
                            SimulatedVendor.builder().profile("jira")),
                    null,
                    Map.of(),
                    Map.of("worker.session_timeout", SESSION.toSeconds() + "s")));
            DemoStage stage = new DemoStage(directory, home, stack);
            try {
                stack.startWorker();
                return stage;
            } catch (RuntimeException e) {
                stage.close();
                throw e;
            }
        } catch (RuntimeException | InterruptedException e) {
            remove(directory);
            throw e;
        }
    }

    ToolpostClient client() {
        return client;
    }

    /** HubSpot. */
    SimulatedVendor vendor() {
        return stack.vendor();
    }

    DemoAccounts accounts() {
        return accounts;
    }

    LocalStack stack() {
        return stack;
    }

    /** The configuration file for other commands. */
    Path config() {
        return home.config();
    }

    /** A call as an agent makes it. */
    static CallSpec.Builder call(String tool, String connection, String arguments) {
        return CallSpec.builder(tool, connection)
                .tenant(DemoAccounts.TENANT)
                .arguments(arguments)
                .timeout(Duration.ofSeconds(60));
    }

    /** Publishes a call and waits for its answer. */
    Reply execute(CallSpec spec) throws InterruptedException {
        try {
            return client.call(spec).reply().get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ClientException unanswered ? unanswered : new IllegalStateException(e);
        }
    }

    /** The call as it stands on the topic, as JSON. */
    String shown(CallSpec spec) {
        return new Topics(stack.config().prefix()).calls(POOL) + ", key "
                + Shards.key(DemoAccounts.TENANT, spec.connection())
                + " (Avro, here as JSON): {\"tool\":\"" + spec.tool() + "\",\"tenant\":\"" + DemoAccounts.TENANT
                + "\",\"connection\":\"" + spec.connection() + "\",\"arguments\":" + spec.arguments()
                + ",\"reply_to\":\"" + client.replyTopic() + "\",…}";
    }

    /** A second worker, in a process of its own, there to be killed; returns when it has shards of HubSpot. */
    GuestWorker secondWorker() throws InterruptedException {
        GuestWorker guest = GuestWorker.start(
                home.config(),
                Map.of("TOOLPOST_WORKER_SESSION_TIMEOUT", SESSION.toSeconds() + "s"),
                directory.resolve("worker.log"));
        opened.add(guest);
        guest.awaitShards(POOL, JOIN_BOUND);
        return guest;
    }

    /** A scheduler in a process of its own, there to be killed; started again it finds its state and its place. */
    synchronized GuestScheduler scheduler() {
        GuestScheduler guest = GuestScheduler.start(
                home.config(),
                Map.of(
                        "TOOLPOST_SCHEDULER_SESSION_TIMEOUT",
                        SESSION.toSeconds() + "s",
                        "TOOLPOST_SCHEDULER_THREADS",
                        "1",
                        "TOOLPOST_SCHEDULER_HTTP_PORT",
                        Integer.toString(schedulerPort)),
                directory.resolve("scheduler.log"));
        schedulerPort = guest.port();
        opened.add(guest);
        return guest;
    }

    /** Somewhere to write, which goes with the demo. */
    Path directory() {
        return directory;
    }

    @Override
    public void close() {
        opened.close();
        remove(directory);
    }

    private static void remove(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("{} stays", directory, e);
        }
    }
}
