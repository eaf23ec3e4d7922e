package dev.toolpost.cli;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorAddresses;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.Problem;
import dev.toolpost.connectors.hotupdate.LiveCatalogue;
import dev.toolpost.connectors.signing.SignedRecord;
import dev.toolpost.connectors.signing.SigningKey;
import dev.toolpost.connectors.signing.Statement;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.config.ToolpostConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code connectors publish}: a signed definition for every worker. */
@Command(
        name = "publish",
        description =
                "Signs a connector and publishes it to every worker that trusts the key; it takes effect at once. What is"
                        + " published goes before files.")
final class ConnectorsPublish implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @ArgGroup(multiplicity = "1")
    private What what = new What();

    @Option(
            names = "--signing-key",
            paramLabel = "FILE",
            description = "The key, as `connectors keygen` writes it. Default: connectors.signing_key_file of the"
                    + " configuration, which that of `toolpost dev` has.")
    private @Nullable Path signingKey;

    @Option(
            names = "--moves-hosts",
            description =
                    "Say in what is signed that requests and secrets of the vendor may go to the addresses of this"
                            + " definition: for a vendor that is new, and where addresses change. Workers refuse such a"
                            + " definition otherwise.")
    private boolean movesHosts;

    @Option(
            names = "--force",
            description =
                    "Publish although this configuration does not trust the key, for workers whose configuration does.")
    private boolean force;

    /** Either of them. */
    static final class What {
        @Parameters(paramLabel = "FILE", arity = "0..1", description = "The connector's file.")
        private @Nullable Path file;

        @Option(
                names = "--remove",
                paramLabel = "VENDOR",
                description = "Withdraw what was published for this vendor; a file of it counts again.")
        private @Nullable String removed;
    }

    @Override
    public Integer call() throws InterruptedException {
        ToolpostConfig config = common.load();
        SigningKey key = key(config);
        if (!force && !config.connectors().trustedKeys().knows(key.id())) {
            throw CliException.usage(
                    "this configuration does not trust the key " + key.id()
                            + ", and workers with the same one would refuse what it signs",
                    "Add it here and at the workers: connectors.trusted_keys: [" + key.publicKey()
                            + "]\nWhere the workers trust it already: --force");
        }
        String topic = new Topics(config.prefix()).connectors();
        byte[] content = new byte[0];
        Connector connector = null;
        boolean statesHosts = false;
        if (what.file != null) {
            content = read(what.file);
            connector = checked(what.file, content);
            if (connector == null) {
                return ExitCode.ANSWERED_WITH_ERROR;
            }
        }
        String vendor = connector == null ? String.valueOf(what.removed) : connector.vendor();
        LiveCatalogue live = KnownConnectors.ofFiles(common, config);
        try {
            KnownConnectors.readPublished(
                    config, config.connectors().trustedKeys().with(key), live);
        } catch (IllegalStateException missing) {
            throw CliException.usage(String.valueOf(missing.getMessage()), "", missing);
        }
        if (connector != null) {
            requireSameAddresses(live.current().byVendor(vendor), connector);
            // What is in force was signed as meant; workers that start later see this record alone.
            statesHosts = movesHosts || !withinFiles(live.unpublished(vendor), connector);
        }
        Long before = live.status().published().get(vendor);
        if (connector == null && before == null) {
            throw CliException.usage("nothing is published for vendor " + vendor, "");
        }
        long version = Math.max(System.currentTimeMillis(), before == null ? 0 : before + 1);
        Statement statement = Statement.about(topic, vendor, version, content, statesHosts);
        publish(config, topic, SignedRecord.sign(key, statement, content));
        report(config, key, statement);
        return ExitCode.OK;
    }

    private SigningKey key(ToolpostConfig config) {
        Path file = signingKey != null ? signingKey : config.connectors().signingKeyFile();
        if (file == null) {
            throw CliException.usage(
                    "no signing key (expected: --signing-key FILE, or connectors.signing_key_file in the configuration)",
                    "Make one: toolpost connectors keygen --out FILE");
        }
        return SigningKeyFile.read(file);
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw CliException.usage(file + " cannot be read: " + e, "Name a connector file in UTF-8.", e);
        }
    }

    /** The connector; null, with its problems printed, where no worker would take it. */
    private @Nullable Connector checked(Path file, byte[] content) {
        ConnectorLoader.Reading reading = new ConnectorLoader().read(file.toString(), content);
        reading.problems().stream().map(Problem::toString).map(Text::visible).forEach(common.err()::println);
        return reading.connector();
    }

    private void requireSameAddresses(@Nullable Connector known, Connector connector) {
        if (movesHosts) {
            return;
        }
        if (known == null) {
            throw CliException.usage(
                    connector.title() + " is new here, and its requests and secrets would go to: "
                            + String.join(", ", ConnectorAddresses.of(connector)),
                    "If that is meant, add --moves-hosts; it becomes part of what is signed.");
        }
        SortedSet<String> moved = ConnectorAddresses.moved(known, connector);
        if (!moved.isEmpty()) {
            throw CliException.usage(
                    "requests or secrets of " + connector.title() + " would go to addresses that are new: "
                            + String.join(", ", moved),
                    "If that is meant, add --moves-hosts; it becomes part of what is signed.");
        }
    }

    private static boolean withinFiles(@Nullable Connector file, Connector connector) {
        return file != null && ConnectorAddresses.moved(file, connector).isEmpty();
    }

    private static void publish(ToolpostConfig config, String topic, SignedRecord signed) throws InterruptedException {
        Map<String, Object> properties = new HashMap<>(config.kafka().properties());
        properties.putIfAbsent(ProducerConfig.CLIENT_ID_CONFIG, "toolpost-cli");
        properties.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        ProducerRecord<byte[], byte[]> message =
                new ProducerRecord<>(topic, signed.vendor().getBytes(StandardCharsets.UTF_8), signed.content());
        signed.headers().forEach(message.headers()::add);
        try (Producer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(message).get();
        } catch (ExecutionException failed) {
            throw CliException.unreachable(
                    topic + " cannot be written: " + String.valueOf(failed.getCause()), "", failed);
        }
    }

    private void report(ToolpostConfig config, SigningKey key, Statement statement) {
        boolean trusted = config.connectors().trustedKeys().knows(key.id());
        if (common.json()) {
            common.out()
                    .println(Json.print(Json.object()
                            .put("vendor", statement.vendor())
                            .put("version", statement.version())
                            .put("removed", statement.removes())
                            .put("moves_hosts", statement.movesHosts())
                            .put("key_id", key.id())
                            .put("trusted_here", trusted)));
            return;
        }
        common.out()
                .println((statement.removes() ? "Withdrawn: " : "Published: ") + statement.vendor() + ", version "
                        + statement.version() + ", signed by key " + key.id());
    }
}
