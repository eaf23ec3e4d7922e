package dev.toolpost.cli;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code toolpost demo}: the main job on real traffic, which checks itself. Exit code 0 only if everything held. Whatever it starts
 * ends with it: in order when it ends or is interrupted, and when it is killed because the second worker sees that.
 */
@Command(
        name = "demo",
        description =
                "Shows the main job on real traffic, in less than two minutes, and checks itself: a read, a write, a burst"
                        + " against a strict rate limit, an expired token, errors of three vendors, cancels, and workers that are"
                        + " killed under load and in the middle of a long list, and a large batch job behind interactive calls whose"
                        + " scheduler is killed. Everything runs on this machine and leaves nothing"
                        + " behind.")
final class Demo implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public Integer call() throws InterruptedException {
        long startedMillis = ManagementFactory.getRuntimeMXBean().getStartTime();
        DemoReport report = new DemoReport(common.out(), common.json());
        report.note(
                "Starting a Kafka broker, a schema registry, simulated HubSpot, Salesforce and Jira and a worker ...");
        DemoStage stage = DemoStage.start();
        Thread interrupted = Thread.ofPlatform().name("stop").unstarted(() -> {
            report.fallSilent();
            stage.close();
        });
        Runtime.getRuntime().addShutdownHook(interrupted);
        long firstReplyMillis;
        try (stage) {
            report.note("Kafka broker " + stage.stack().kafka().bootstrapServers() + ", schema registry "
                    + stage.stack().registry().uri() + ", HubSpot "
                    + stage.vendor().uri() + " (at most "
                    + DemoStage.PERMITS + " requests in any " + DemoStage.WINDOW.toSeconds() + " s for each account)");
            firstReplyMillis = play(stage, report, startedMillis);
        }
        long tookMillis = System.currentTimeMillis() - startedMillis;
        if (common.json()) {
            common.out().println(Json.print(report.json(tookMillis, firstReplyMillis)));
        } else {
            report.summary(tookMillis, firstReplyMillis);
        }
        return report.passed() ? ExitCode.OK : ExitCode.ANSWERED_WITH_ERROR;
    }

    /** A part of the demo. */
    private interface Scene {
        void play() throws InterruptedException;
    }

    /** Every scene; one that breaks does not keep the next from playing. Says how long after the start the first reply was there. */
    private static long play(DemoStage stage, DemoReport report, long startedMillis) throws InterruptedException {
        DemoCalls calls = new DemoCalls(stage, report);
        long firstReplyMillis = play(report, calls::read) ? System.currentTimeMillis() - startedMillis : -1;
        // It starts beside the next scenes, and costs them no time.
        CompletableFuture<GuestScheduler> scheduler = CompletableFuture.supplyAsync(stage::scheduler, Demo::beside);
        List<Scene> scenes = List.of(
                calls::refused,
                calls::write,
                new DemoBurst(stage, report)::run,
                new DemoRefresh(stage, report)::run,
                new DemoErrors(stage, report)::run,
                new DemoCancel(stage, report)::run,
                new DemoTakeover(stage, report)::run,
                new DemoBurstTakeover(stage, report)::run,
                new DemoTraversal(stage, report)::run,
                new DemoJob(stage, report, scheduler)::run);
        for (Scene scene : scenes) {
            play(report, scene);
        }
        return firstReplyMillis;
    }

    private static void beside(Runnable work) {
        Thread.ofPlatform().daemon().name("scheduler").start(work);
    }

    private static boolean play(DemoReport report, Scene scene) throws InterruptedException {
        try {
            scene.play();
            return true;
        } catch (RuntimeException e) {
            report.broken(e);
            return false;
        }
    }
}
