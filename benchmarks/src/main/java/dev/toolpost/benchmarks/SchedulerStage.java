package dev.toolpost.benchmarks;

import dev.toolpost.sandbox.SandboxProcess;
import dev.toolpost.schemas.TopicCreator;
import dev.toolpost.schemas.TopicPlan;
import dev.toolpost.schemas.Topics;
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
import org.jspecify.annotations.Nullable;

/** Broker and registry in a process, the topics of one pool, a directory for state. */
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
        deferrals().stamped(admin);
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

    DeferralPlace deferrals() {
        return new DeferralPlace(bootstrapServers(), registry(), topics.later(), topics.resume(POOL), partitions);
    }

    long brokerPid() {
        return sandbox.pid();
    }

    Path state(String name) {
        return directory.resolve(name);
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
