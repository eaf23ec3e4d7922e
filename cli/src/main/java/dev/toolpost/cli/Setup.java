package dev.toolpost.cli;

import dev.toolpost.client.CallSpec;
import dev.toolpost.client.Reply;
import dev.toolpost.client.ReplyStream;
import dev.toolpost.client.ToolpostClient;
import dev.toolpost.client.UnreachableException;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.SchemaRegistry;
import dev.toolpost.worker.WorkerMain;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.CredentialStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Makes what commands work with, out of the configuration. */
final class Setup {
    private static final Duration READY_BOUND = Duration.ofSeconds(8);
    private static final Duration GRACE = Duration.ofSeconds(3);

    private Setup() {}

    static CredentialStore credentials(ToolpostConfig config) {
        CredentialStore store = WorkerMain.credentials(config);
        if (config.credentials().vault() != null) {
            // Gives back the token of its login.
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(store::close));
        }
        return store;
    }

    /** Where connections are kept, for people. */
    static String nameOfCredentials(ToolpostConfig config) {
        ToolpostConfig.Vault vault = config.credentials().vault();
        return vault == null
                ? config.credentials().file().toString()
                : "Vault at " + vault.server().addresses().getFirst() + ", " + vault.mount() + "/" + vault.prefix();
    }

    /** The pools whose topics there have to be. */
    static Set<String> pools(ToolpostConfig config, ConnectorCatalogue catalogue) {
        Set<String> pools = new TreeSet<>(config.pools().isEmpty() ? catalogue.pools() : config.pools());
        pools.add(Topics.COMMON_POOL);
        return pools;
    }

    /** The topic of a tool's calls; the front door where the tool is not known here. */
    static String topicOf(Topics topics, ConnectorCatalogue catalogue, String tool) {
        ToolRef known = catalogue.byTool(tool);
        return topics.calls(
                known == null ? Topics.COMMON_POOL : known.connector().pool());
    }

    /**
     * A client for agents.
     *
     * @throws CliException for Avro without a registry
     */
    static ToolpostClient client(
            ToolpostConfig config, ConnectorCatalogue catalogue, Format format, @Nullable String replyTo) {
        Brokers.requireListening(config);
        SchemaRegistry registry = null;
        if (format == Format.AVRO) {
            registry = WorkerMain.registry(config);
            if (registry == null) {
                throw CliException.usage(
                        "--format avro needs a schema registry, and none is configured",
                        "Set schema_registry.url in the configuration or TOOLPOST_SCHEMA_REGISTRY_URL, or use --format json.");
            }
        }
        Topics topics = new Topics(config.prefix());
        ToolpostClient.Builder builder = ToolpostClient.builder(config.kafka().properties())
                .registry(registry)
                .prefix(config.prefix())
                .format(format)
                .tenant(config.defaultTenant())
                .clientId("toolpost-cli")
                .readyBound(READY_BOUND)
                .grace(GRACE)
                .topicOf(tool -> topicOf(topics, catalogue, tool));
        return replyTo == null ? builder.build() : builder.replyTopic(replyTo).build();
    }

    /**
     * Publishes a call and waits for its whole answer.
     *
     * @throws CliException where the reply topic does not exist
     */
    static Reply execute(ToolpostConfig config, ToolpostClient client, CallSpec spec) throws InterruptedException {
        try {
            return client.execute(spec);
        } catch (UnreachableException e) {
            throw explained(config, client, e);
        }
    }

    /**
     * Publishes a call whose answer is read frame by frame.
     *
     * @throws CliException where the reply topic does not exist
     */
    static ReplyStream stream(ToolpostConfig config, ToolpostClient client, CallSpec spec) throws InterruptedException {
        try {
            return client.stream(spec);
        } catch (UnreachableException e) {
            throw explained(config, client, e);
        }
    }

    private static RuntimeException explained(ToolpostConfig config, ToolpostClient client, UnreachableException e)
            throws InterruptedException {
        return isMissing(config, client.replyTopic()) ? missingReplyTopic(config, client.replyTopic(), e) : e;
    }

    /** Whether the cluster answers that there is no such topic. */
    private static boolean isMissing(ToolpostConfig config, String topic) throws InterruptedException {
        try (Admin admin = admin(config)) {
            admin.describeTopics(List.of(topic), new DescribeTopicsOptions().timeoutMs(3_000))
                    .allTopicNames()
                    .get();
            return false;
        } catch (ExecutionException e) {
            return e.getCause() instanceof UnknownTopicOrPartitionException
                    || e.getCause() instanceof InvalidTopicException;
        } catch (KafkaException | CliException unclear) {
            return false;
        }
    }

    private static CliException missingReplyTopic(ToolpostConfig config, String topic, Throwable cause) {
        String shared = new Topics(config.prefix()).replies();
        String agents = shared + ".";
        String create;
        if (topic.equals(shared)) {
            create = "Create it: toolpost topics create";
        } else if (topic.startsWith(agents)) {
            create = "Create it: toolpost topics create --agent " + topic.substring(agents.length());
        } else {
            create = "Create it with Kafka's tools, or take " + agents + "NAME, which this creates: toolpost topics"
                    + " create --agent NAME";
        }
        return CliException.usage("the reply topic " + topic + " does not exist", create, cause);
    }

    /** An administrator of the cluster that gives up soon where nobody is there. */
    static Admin admin(ToolpostConfig config) {
        Brokers.requireListening(config);
        Map<String, Object> properties = new HashMap<>(config.kafka().properties());
        properties.putIfAbsent("client.id", "toolpost-cli");
        properties.putIfAbsent("default.api.timeout.ms", 10_000);
        properties.putIfAbsent("request.timeout.ms", 5_000);
        return Admin.create(properties);
    }
}
