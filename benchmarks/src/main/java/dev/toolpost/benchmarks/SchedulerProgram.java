package dev.toolpost.benchmarks;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.scheduler.Scheduler;
import dev.toolpost.scheduler.SchedulerSettings;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A scheduler in a JVM of its own: broker, registry, state directory, HTTP port, threads, the milliseconds of a session, a poll and a
 * transaction, and whether it knows the bundled connectors.
 */
public final class SchedulerProgram {

    private SchedulerProgram() {}

    /**
     * How it runs.
     *
     * @param poll of 0 as it is by default
     * @param commit of 0 as it is by default
     */
    record Tuning(int threads, Duration session, int poll, int commit, int standbyReplicas) {
        static Tuning defaults(Duration session) {
            return new Tuning(1, session, 0, 0, 0);
        }

        Tuning withStandbyReplicas(int other) {
            return new Tuning(threads, session, poll, commit, other);
        }
    }

    /** Without connectors: for deferrals. */
    static Program start(SchedulerStage stage, List<String> jvm, Path state, Health health, Tuning tuning) {
        return start(stage.bootstrapServers(), stage.registry(), jvm, state, health, tuning, false);
    }

    /** With the bundled connectors, which jobs are for. */
    static Program start(Stage stage, List<String> jvm, Path state, Health health, Tuning tuning) {
        return start(stage.bootstrapServers(), stage.registry(), jvm, state, health, tuning, true);
    }

    private static Program start(
            String bootstrapServers,
            String registry,
            List<String> jvm,
            Path state,
            Health health,
            Tuning tuning,
            boolean connectors) {
        return Program.start(
                "scheduler",
                jvm,
                SchedulerProgram.class,
                bootstrapServers,
                registry,
                state.toString(),
                health.port(),
                Integer.toString(tuning.threads),
                Long.toString(tuning.session.toMillis()),
                Integer.toString(tuning.poll),
                Integer.toString(tuning.commit),
                Boolean.toString(connectors),
                Integer.toString(tuning.standbyReplicas));
    }

    /** Runs until it is killed or told to end. */
    public static void main(String[] args) throws InterruptedException {
        SchedulerSettings some =
                SchedulerSettings.defaults(new Topics(), Map.of("bootstrap.servers", args[0]), Path.of(args[2]));
        SchedulerSettings.Pace pace = some.pace();
        SchedulerSettings settings = some.withListen(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[3])))
                .withThreads(Integer.parseInt(args[4]))
                .withStandbyReplicas(Integer.parseInt(args[9]))
                .withPace(new SchedulerSettings.Pace(
                        orElse(args[6], pace.poll()),
                        orElse(args[7], pace.commit()),
                        Duration.ofMillis(Long.parseLong(args[5])),
                        pace.transaction(),
                        pace.tick(),
                        pace.peer()));
        Scheduler scheduler = Scheduler.start(
                settings,
                args[8].equals("true") ? ConnectorCatalogue.bundled() : ConnectorCatalogue.of(List.of()),
                new HttpSchemaRegistry(RegistrySettings.at(args[1])));
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(scheduler::close));
        System.out.println("scheduler started");
        scheduler.awaitEnd();
    }

    private static Duration orElse(String millis, Duration otherwise) {
        return millis.equals("0") ? otherwise : Duration.ofMillis(Long.parseLong(millis));
    }
}
