package dev.toolpost.cli;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.hotupdate.ConnectorsStatus.Refusal;
import dev.toolpost.connectors.hotupdate.HotUpdate;
import dev.toolpost.connectors.hotupdate.LiveCatalogue;
import dev.toolpost.connectors.signing.PublicKeys;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.WorkerMain;
import dev.toolpost.worker.config.ToolpostConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The connectors that a command knows: bundled, of files, and where the configuration trusts a key the published ones too. A broker that
 * is not there costs the published ones, and a broken file its own vendor; with a word about it, and not the command.
 */
final class KnownConnectors {
    private static final Duration BOUND = Duration.ofSeconds(5);

    private KnownConnectors() {}

    /** All of them. */
    static ConnectorCatalogue all(CommonOptions common, ToolpostConfig config) throws InterruptedException {
        return find(common, config, known -> false);
    }

    /** Those of files where they have the tool, else all: Kafka is asked for nothing that is known here. */
    static ConnectorCatalogue withTool(CommonOptions common, ToolpostConfig config, String tool)
            throws InterruptedException {
        return find(common, config, known -> known.byTool(tool) != null);
    }

    /** Those of files where they have the vendor, else all. */
    static ConnectorCatalogue withVendor(CommonOptions common, ToolpostConfig config, String vendor)
            throws InterruptedException {
        return find(common, config, known -> known.byVendor(vendor) != null);
    }

    /** Those that come with Toolpost and those of files; what is wrong with a file is told, and the rest goes on. */
    static LiveCatalogue ofFiles(CommonOptions common, ToolpostConfig config) {
        LiveCatalogue live = WorkerMain.connectors(config);
        List<Refusal> refused = live.refusedFiles();
        for (Refusal each : refused) {
            each.problems().forEach(problem -> common.err().println(Text.visible(problem)));
        }
        if (!refused.isEmpty()) {
            common.err()
                    .println(
                            refused.size() == 1
                                    ? "That connector is left out. The others are there."
                                    : "Those " + refused.size() + " connectors are left out. The others are there.");
            common.err().flush();
        }
        return live;
    }

    private static void tellPublished(CommonOptions common, LiveCatalogue live) {
        List<Refusal> refused = live.refusedPublished();
        if (refused.isEmpty()) {
            return;
        }
        common.err()
                .println("Refused in the topic of connectors, by workers too: "
                        + refused.stream().map(Refusal::source).collect(Collectors.joining(", "))
                        + (common.verbose() ? "" : ". --verbose says why"));
        if (common.verbose()) {
            refused.forEach(each -> each.problems()
                    .forEach(problem -> common.err().println("  " + each.source() + ": " + Text.visible(problem))));
        }
        common.err().flush();
    }

    private static ConnectorCatalogue find(
            CommonOptions common, ToolpostConfig config, Predicate<ConnectorCatalogue> enough)
            throws InterruptedException {
        LiveCatalogue live = ofFiles(common, config);
        PublicKeys trusted = config.connectors().trustedKeys();
        if (trusted.isEmpty() || enough.test(live.current())) {
            return live.current();
        }
        try {
            readPublished(config, trusted, live);
            tellPublished(common, live);
        } catch (CliException | KafkaException | IllegalStateException cannot) {
            common.err().println("The published connectors are left out: " + cannot.getMessage());
        }
        return live.current();
    }

    /**
     * Reads the published connectors.
     *
     * @throws CliException where nobody listens, or it takes too long
     * @throws IllegalStateException where the topic does not exist
     */
    static void readPublished(ToolpostConfig config, PublicKeys trusted, LiveCatalogue live)
            throws InterruptedException {
        Brokers.requireListening(config);
        String topic = new Topics(config.prefix()).connectors();
        if (!HotUpdate.readOnce(live, trusted, topic, () -> consumer(config), BOUND)) {
            throw CliException.unreachable(topic + " cannot be read within " + BOUND.toSeconds() + " s", "", null);
        }
    }

    private static Consumer<byte[], byte[]> consumer(ToolpostConfig config) {
        Map<String, Object> properties = new HashMap<>(config.kafka().properties());
        properties.putIfAbsent(ConsumerConfig.CLIENT_ID_CONFIG, "toolpost-cli");
        properties.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) BOUND.toMillis());
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
