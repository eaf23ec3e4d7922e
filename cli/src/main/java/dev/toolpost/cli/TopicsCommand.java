package dev.toolpost.cli;

import dev.toolpost.schemas.TopicCreator;
import dev.toolpost.schemas.TopicPlan;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.config.ToolpostConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code toolpost topics}: the topics that Toolpost wants to be there. */
@Command(
        name = "topics",
        description = "Creates and lists Toolpost's topics.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {TopicsCommand.Create.class, TopicsCommand.Listing.class})
final class TopicsCommand {
    private static final Duration BOUND = Duration.ofSeconds(15);

    /** The plan that follows from the configuration. */
    static TopicPlan plan(ToolpostConfig config, Set<String> pools, List<String> replyTopics) {
        int partitions = config.topics().partitions();
        return TopicPlan.of(
                new Topics(config.prefix()),
                pools,
                new LinkedHashSet<>(replyTopics),
                new TopicPlan.Sizing(
                        partitions,
                        Math.min(partitions, TopicPlan.Sizing.production().sharedPartitions()),
                        config.topics().replication()));
    }

    /** {@code topics create}. */
    @Command(
            name = "create",
            description =
                    "Creates the topics that are missing. Changes none that is there, and says where one differs.")
    static final class Create implements Callable<Integer> {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Mixin
        private ReplyTopics replies = new ReplyTopics();

        @Override
        public Integer call() throws InterruptedException {
            ToolpostConfig config = common.load();
            TopicPlan plan =
                    plan(config, Setup.pools(config, KnownConnectors.all(common, config)), replies.names(config));
            try (Admin admin = Setup.admin(config)) {
                print(common, new TopicCreator(admin, BOUND).create(plan));
            }
            return ExitCode.OK;
        }
    }

    /** {@code topics list}. */
    @Command(name = "list", description = "Lists the topics that there should be, and how they are.")
    static final class Listing implements Callable<Integer> {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Mixin
        private ReplyTopics replies = new ReplyTopics();

        @Override
        public Integer call() throws InterruptedException {
            ToolpostConfig config = common.load();
            TopicPlan plan =
                    plan(config, Setup.pools(config, KnownConnectors.all(common, config)), replies.names(config));
            try (Admin admin = Setup.admin(config)) {
                print(common, new TopicCreator(admin, BOUND).inspect(plan));
            }
            return ExitCode.OK;
        }
    }

    /** Reply topics besides the shared one. */
    static final class ReplyTopics {
        @Option(
                names = "--agent",
                paramLabel = "NAME",
                description = "An agent with a reply topic of its own (replies.NAME); repeat for more.")
        private List<String> agents = new ArrayList<>();

        List<String> names(ToolpostConfig config) {
            Topics topics = new Topics(config.prefix());
            try {
                return agents.stream().map(topics::replies).toList();
            } catch (IllegalArgumentException wrong) {
                throw CliException.usage("--agent: " + wrong.getMessage(), "", wrong);
            }
        }
    }

    private static void print(CommonOptions common, List<TopicCreator.Outcome> outcomes) {
        if (common.json()) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            for (TopicCreator.Outcome outcome : outcomes) {
                ObjectNode topic = list.addObject();
                topic.put("name", outcome.spec().name())
                        .put("status", status(outcome))
                        .put("partitions", outcome.spec().partitions())
                        .put("purpose", outcome.spec().purpose());
                ArrayNode differences = topic.putArray("differences");
                outcome.differences().forEach(differences::add);
            }
            common.out().println(Json.print(list));
            return;
        }
        Table table = new Table("TOPIC", "PARTITIONS", "STATUS", "PURPOSE");
        for (TopicCreator.Outcome outcome : outcomes) {
            table.row(
                    outcome.spec().name(),
                    Integer.toString(outcome.spec().partitions()),
                    status(outcome),
                    outcome.differences().isEmpty()
                            ? outcome.spec().purpose()
                            : String.join("; ", outcome.differences()));
        }
        table.print(common.out());
        if (outcomes.stream().anyMatch(each -> each.status() == TopicCreator.Status.MISSING)) {
            common.err().println("Some are missing: toolpost topics create");
        }
    }

    private static String status(TopicCreator.Outcome outcome) {
        return outcome.status().name().toLowerCase(Locale.ROOT);
    }
}
