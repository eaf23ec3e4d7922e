package dev.toolpost.benchmarks;

import dev.toolpost.message.Deferral;
import dev.toolpost.sandbox.SandboxProcess;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.TopicCreator;
import dev.toolpost.schemas.TopicPlan;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;

/**
 * Broker and registry in a process, the topics of one pool, a directory for state. What is delivered is stamped by the broker, so that the
 * clock which decides what is due shows what is early.
 */
final class SchedulerStage implements AutoCloseable {

    static final String POOL = "crm";

    private static final Duration TOPICS_WITHIN = Duration.ofSeconds(30);

    private final Topics topics = new Topics();
    private final int partitions;
    private final SandboxProcess sandbox;
    private final Admin admin;
    private final Path directory;

    private SchedulerStage(int partitions, SandboxProcess sandbox) throws Exception {
        this.partitions = partitions;
        this.sandbox = sandbox;
        this.admin = Admin.create(Map.of("bootstrap.servers", sandbox.bootstrapServers()));
        this.directory = Files.createTempDirectory("toolpost-benchmark");
        new TopicCreator(admin, TOPICS_WITHIN)
                .create(TopicPlan.of(
                        topics, Set.of(POOL), Set.of(), new TopicPlan.Sizing(partitions, partitions, (short) 1)));
        ConfigResource target = new ConfigResource(ConfigResource.Type.TOPIC, target());
        admin.incrementalAlterConfigs(Map.of(
                        target,
                        List.of(new AlterConfigOp(
                                new ConfigEntry("message.timestamp.type", "LogAppendTime"), AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    static SchedulerStage open(int partitions) throws Exception {
        System.out.println("starting broker and registry; the scheduler runs in a process of its own");
        return new SchedulerStage(partitions, SandboxProcess.start("--contacts=1", "--deals=1"));
    }

    String bootstrapServers() {
        return sandbox.bootstrapServers();
    }

    String registry() {
        return sandbox.registry().toString();
    }

    String later() {
        return topics.later();
    }

    String target() {
        return topics.resume(POOL);
    }

    int partitions() {
        return partitions;
    }

    long brokerPid() {
        return sandbox.pid();
    }

    Path state(String name) {
        return directory.resolve(name);
    }

    MessageCodec<Deferral> codec() {
        return MessageCodec.of(Deferral.class, new HttpSchemaRegistry(RegistrySettings.at(registry())));
    }

    /** Bytes of all internal topics of the scheduler on the broker. */
    long changelogBytes() throws InterruptedException, ExecutionException {
        return admin.describeLogDirs(List.of(1)).allDescriptions().get().values().stream()
                .flatMap(byDirectory -> byDirectory.values().stream())
                .flatMap(log -> log.replicaInfos().entrySet().stream())
                .filter(replica -> replica.getKey().topic().endsWith("-changelog"))
                .mapToLong(replica -> replica.getValue().size())
                .sum();
    }

    static long bytesOf(Path tree) {
        long[] sum = {0};
        walk(tree, file -> sum[0] += Files.size(file), null);
        return sum[0];
    }

    static void delete(Path tree) {
        walk(tree, Files::delete, Files::delete);
    }

    private interface FileAction {
        void on(Path path) throws IOException;
    }

    private static void walk(Path tree, FileAction file, @Nullable FileAction directory) {
        try {
            Files.walkFileTree(tree, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
                    file.on(path);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path path, IOException gone) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path path, @Nullable IOException failure) throws IOException {
                    if (directory != null) {
                        directory.on(path);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        admin.close();
        sandbox.close();
        delete(directory);
    }
}
