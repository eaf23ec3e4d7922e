package dev.toolpost.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.sandbox.EmbeddedKafka;
import dev.toolpost.scheduler.fencing.DeadTransactions;
import dev.toolpost.scheduler.rig.DeferralCount;
import dev.toolpost.scheduler.rig.SchedulerProcess;
import dev.toolpost.schemas.TopicCreator;
import dev.toolpost.schemas.TopicPlan;
import dev.toolpost.schemas.Topics;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Schedulers on a real broker, killed and taken over from. */
class KilledSchedulerTest {

    private static final String POOL = "crm";
    private static final int PARTITIONS = 2;
    private static final Duration BOUND = Duration.ofSeconds(60);

    private static EmbeddedKafka kafka;
    private static Admin admin;

    @TempDir
    Path directory;

    @BeforeAll
    static void startBroker() {
        kafka = EmbeddedKafka.start();
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    @AfterAll
    static void stopBroker() {
        admin.close();
        kafka.close();
    }

    /** Topics of their own for a test; what is delivered is stamped by the broker, so that it shows what is early. */
    private static Topics topics(String prefix) throws Exception {
        Topics topics = new Topics(prefix);
        new TopicCreator(admin, Duration.ofSeconds(30))
                .create(TopicPlan.of(
                        topics, Set.of(POOL), Set.of(), new TopicPlan.Sizing(PARTITIONS, PARTITIONS, (short) 1)));
        stamp(topics.resume(POOL), "LogAppendTime");
        return topics;
    }

    private static void stamp(String topic, String type) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        AlterConfigOp stamped =
                new AlterConfigOp(new ConfigEntry("message.timestamp.type", type), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(stamped))).all().get();
        await(
                topic + " is stamped by " + type,
                () -> admin.describeConfigs(List.of(resource))
                        .values()
                        .get(resource)
                        .get()
                        .get("message.timestamp.type")
                        .value()
                        .equals(type));
    }

    /** It comes back in its place, so no session is waited for. */
    @Test
    void killedAgainAndAgainItLosesDoublesAndHastensNothing() throws Exception {
        long seed = 20_261_121;
        int number = 1_000;
        Random random = new Random(seed);
        Topics topics = topics("killed.");
        int port = freePort();
        try (DeferralCount count = new DeferralCount(kafka.bootstrapServers(), topics, POOL, PARTITIONS)) {
            for (int i = 0; i < number; i++) {
                count.defer(i, random.nextInt(6_000));
            }
            count.defer(number, 3_600_000);
            count.flush();
            for (int round = 0; round < 3; round++) {
                try (SchedulerProcess scheduler = comesBack(topics, port)) {
                    int before = count.arrived();
                    await("something is delivered", () -> {
                        count.read();
                        return count.arrived() > before || count.arrived() == number;
                    });
                    readFor(count, Duration.ofMillis(random.nextInt(1_000)));
                }
                for (int i = round; i < number; i += 50) {
                    count.defer(number + 1 + i * 3 + round, random.nextInt(1_000));
                }
            }
            count.recall(number);
            int all = number + 1 + 3 * (number / 50);
            try (SchedulerProcess scheduler = comesBack(topics, port)) {
                await("all are delivered", () -> {
                    count.read();
                    return count.arrived() == all;
                });
                readFor(count, Duration.ofMillis(300));
            }
            assertThat(count.lost()).as("lost, seed %d", seed).isEmpty();
            assertThat(count.doubled()).as("doubled, seed %d", seed).isEmpty();
            assertThat(count.early()).as("early, seed %d", seed).isEmpty();
            assertThat(count.recalled()).containsExactly(number);
        }
    }

    private SchedulerProcess comesBack(Topics topics, int port) {
        return SchedulerProcess.start(
                kafka.bootstrapServers(),
                topics.prefix(),
                directory.resolve("state"),
                port,
                SchedulerProcess.LONG_SESSION,
                0);
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0)) {
            return any.getLocalPort();
        }
    }

    @Test
    void ofTwoInstancesOneTakesOverFromTheOtherWithItsCopyOfTheStateAndBothAnswerForAll() throws Exception {
        Topics topics = topics("two.");
        int number = 400;
        SchedulerSettings settings = SchedulerProcess.settings(
                        kafka.bootstrapServers(), topics.prefix(), directory.resolve("one"))
                .withStandbyReplicas(1);
        try (DeferralCount count = new DeferralCount(kafka.bootstrapServers(), topics, POOL, PARTITIONS);
                Scheduler one = Scheduler.start(settings, ConnectorCatalogue.of(List.of()), null);
                SchedulerProcess other = SchedulerProcess.start(
                        kafka.bootstrapServers(),
                        topics.prefix(),
                        directory.resolve("other"),
                        0,
                        SchedulerProcess.SHORT_SESSION,
                        1)) {
            URI here = URI.create("http://127.0.0.1:" + one.address().getPort());
            await("each owns a partition", () -> owned(here) == 1 && owned(other.http()) == 1);
            for (int i = 0; i <= number; i++) {
                count.defer(i, 3_600_000);
            }
            count.flush();
            for (URI asked : List.of(here, other.http())) {
                await("all are counted at " + asked, () -> {
                    JsonNode body = ask(asked, "/deferrals");
                    return body.path("pending").asInt() == number + 1
                            && body.path("incomplete").isEmpty();
                });
                JsonNode listed = ask(asked, "/deferrals?tenant=acme&connection=crm-0&limit=3");
                assertThat(listed.path("deferrals")).hasSize(3);
                assertThat(listed.path("deferrals").get(0).path("deferral_id").asString())
                        .startsWith("acme/crm-0/");
            }
            int waiting = ask(other.http(), "/deferrals?scope=local")
                    .path("partitions")
                    .get(0)
                    .path("pending")
                    .asInt();
            assertThat(waiting).isPositive();
            await("its state is copied", () -> metric(here, "toolpost_scheduler_standby_copied_total") >= 2 * waiting);
            double restored = metric(here, "toolpost_scheduler_restored_total");
            other.kill();
            for (int i = 0; i < number; i++) {
                if (i % 2 == 0) {
                    count.defer(i, 0);
                } else {
                    count.recall(i);
                }
            }
            await(
                    "it is missed",
                    () -> !ask(here, "/deferrals").path("incomplete").isEmpty() || owned(here) == 2);
            await("what is due is delivered", () -> {
                count.read();
                return count.arrived() == number;
            });
            assertThat(owned(here)).isEqualTo(2);
            assertThat(metric(here, "toolpost_scheduler_restored_total") - restored)
                    .as("records restored, of which it has a copy")
                    .isLessThan(waiting);
            assertThat(count.lost()).containsExactly(number);
            assertThat(count.doubled()).isEmpty();
            assertThat(count.early()).isEmpty();
            assertThat(count.recalled()).hasSize(number / 2);
            assertThat(ask(here, "/health/ready").path("status").asString()).isEqualTo("ok");
            assertThat(text(here, "/metrics")).contains("toolpost_deferrals_pending 1.0", "kafka_stream_");
            await(
                    "the dead is forgotten",
                    () -> ask(here, "/deferrals").path("incomplete").isEmpty());
        }
        assertThat(members("two.scheduler")).as("who ends in order leaves").isEmpty();
    }

    private static List<String> members(String group) throws Exception {
        return admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get().members().stream()
                .map(MemberDescription::clientId)
                .toList();
    }

    /** As a kill leaves it that comes while what was left by a kill before is deleted. */
    @Test
    void stateThatCannotBeReadIsThrownAwayAndRestored() throws Exception {
        Topics topics = topics("torn.");
        SchedulerSettings settings =
                SchedulerProcess.settings(kafka.bootstrapServers(), topics.prefix(), directory.resolve("state"));
        try (DeferralCount count = new DeferralCount(kafka.bootstrapServers(), topics, POOL, PARTITIONS)) {
            count.defer(1, 3_600_000);
            count.defer(2, 3_600_000);
            count.flush();
            try (Scheduler scheduler = Scheduler.start(settings, ConnectorCatalogue.of(List.of()), null)) {
                awaitPending(scheduler, 2);
            }
            assertThat(tear(settings.stateDirectory())).isPositive();
            try (Scheduler scheduler = Scheduler.start(settings, ConnectorCatalogue.of(List.of()), null)) {
                awaitPending(scheduler, 2);
            }
        }
    }

    private static void awaitPending(Scheduler scheduler, int number) throws Exception {
        URI here = URI.create("http://127.0.0.1:" + scheduler.address().getPort());
        await(number + " wait", () -> ask(here, "/deferrals").path("pending").asInt() == number);
    }

    /** Half of the stores lack what their files are listed in; says how many. */
    private static int tear(Path state) throws IOException {
        List<Path> manifests;
        try (Stream<Path> files = Files.walk(state)) {
            manifests = files.filter(file -> file.getFileName().toString().startsWith("MANIFEST"))
                    .sorted()
                    .toList();
        }
        int torn = 0;
        for (int i = 0; i < manifests.size(); i += 2) {
            Files.delete(manifests.get(i));
            torn++;
        }
        return torn;
    }

    @Test
    void timesThatSendersStampAreRefused() throws Exception {
        Topics topics = topics("stamped.");
        stamp(topics.later(), "CreateTime");
        SchedulerSettings settings =
                SchedulerProcess.settings(kafka.bootstrapServers(), topics.prefix(), directory.resolve("state"));
        assertThatThrownBy(() -> Scheduler.start(settings, ConnectorCatalogue.of(List.of()), null))
                .isInstanceOf(SchedulerException.class)
                .hasMessageContaining("stamped.later: message.timestamp.type is CreateTime (expected: LogAppendTime)");
    }

    @Test
    void whatADeadSchedulerLeftOpenIsEndedAtOnceAndWhatALivingOneHasOpenIsNot() throws Exception {
        String application = "dead-and-living";
        UUID self = UUID.randomUUID();
        UUID living = UUID.randomUUID();
        UUID dead = UUID.randomUUID();
        admin.createTopics(List.of(new NewTopic(application, 3, (short) 1)))
                .all()
                .get();
        try (KafkaConsumer<byte[], byte[]> member = new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                kafka.bootstrapServers(),
                                "group.id",
                                application,
                                "client.id",
                                application + "-" + living + "-StreamThread-1-consumer"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
                KafkaProducer<byte[], byte[]> ofLiving = begun(application, living, 0);
                KafkaProducer<byte[], byte[]> ofDead = begun(application, dead, 1);
                KafkaProducer<byte[], byte[]> ofSelf = begun(application, self, 2);
                DeadTransactions transactions =
                        DeadTransactions.of(admin, application, application + "-" + self + "-StreamThread-1")) {
            member.subscribe(List.of(application));
            await("it is a member", () -> {
                member.poll(Duration.ofMillis(50));
                return !member.assignment().isEmpty();
            });
            transactions.endOrphans();
            assertThat(transactions.ended()).isOne();
            await("the dead one's is ended", () -> readable(application, 1) == 2);
            assertThat(readable(application, 0)).as("the living one's is open").isZero();
            assertThatThrownBy(ofDead::commitTransaction).isInstanceOf(KafkaException.class);

            transactions.endEarlierLife();
            assertThat(transactions.ended()).isEqualTo(2);
            await("that of an earlier life is ended", () -> readable(application, 2) == 2);
            assertThat(readable(application, 0)).as("the living one's is open").isZero();
            ofLiving.commitTransaction();
            await("the living one's is committed", () -> readable(application, 0) == 2);
        }
    }

    private static KafkaProducer<byte[], byte[]> begun(String application, UUID process, int partition)
            throws Exception {
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "transactional.id",
                        application + "-" + process + "-1"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(application, partition, new byte[] {1}, new byte[] {1}))
                .get();
        return producer;
    }

    /** How far whoever reads {@code read_committed} gets: a record and the end of its transaction are two. */
    private static long readable(String topic, int partition) throws Exception {
        TopicPartition place = new TopicPartition(topic, partition);
        return admin.listOffsets(
                        Map.of(place, OffsetSpec.latest()), new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                .partitionResult(place)
                .get()
                .offset();
    }

    @Test
    void aSchedulerWhoseTransactionsAreEndedWhileItLivesLosesAndDoublesNothing() throws Exception {
        int number = 500;
        Random random = new Random(7);
        Topics topics = topics("ended.");
        SchedulerSettings settings =
                SchedulerProcess.settings(kafka.bootstrapServers(), topics.prefix(), directory.resolve("state"));
        try (DeferralCount count = new DeferralCount(kafka.bootstrapServers(), topics, POOL, PARTITIONS);
                Scheduler scheduler = Scheduler.start(settings, ConnectorCatalogue.of(List.of()), null)) {
            for (int i = 0; i < number; i++) {
                count.defer(i, random.nextInt(2_000));
            }
            count.flush();
            await("some are delivered", () -> {
                count.read();
                return count.arrived() > 0;
            });
            admin.fenceProducers(transactionalIds(settings.applicationId()))
                    .all()
                    .get();
            for (int i = number; i < 2 * number; i++) {
                count.defer(i, random.nextInt(500));
            }
            await("all are delivered", () -> {
                count.read();
                return count.arrived() == 2 * number;
            });
            assertThat(count.doubled()).isEmpty();
            assertThat(count.early()).isEmpty();
            assertThat(scheduler.failure()).isNull();
        }
    }

    private static List<String> transactionalIds(String application) throws Exception {
        return admin.listTransactions().all().get().stream()
                .map(TransactionListing::transactionalId)
                .filter(each -> each.startsWith(application + "-"))
                .toList();
    }

    private static void readFor(DeferralCount count, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            count.read();
        }
    }

    private static int owned(URI instance) throws Exception {
        return ask(instance, "/deferrals?scope=local").path("partitions").size();
    }

    private static double metric(URI instance, String name) throws Exception {
        return text(instance, "/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(0);
    }

    private static JsonNode ask(URI instance, String path) throws Exception {
        return JsonMapper.shared().readTree(text(instance, path));
    }

    private static String text(URI instance, String path) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(instance.resolve(path))
                                    .timeout(BOUND)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + BOUND.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime() - end)
                    .as("not within " + BOUND + ": " + what)
                    .isNegative();
            LockSupport.parkNanos(10_000_000);
        }
    }
}
