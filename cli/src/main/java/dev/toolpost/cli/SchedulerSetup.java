package dev.toolpost.cli;

import dev.toolpost.scheduler.Scheduler;
import dev.toolpost.scheduler.SchedulerSettings;
import dev.toolpost.scheduler.deferral.DeferralSettings;
import dev.toolpost.scheduler.job.JobTerms;
import dev.toolpost.scheduler.job.state.JobSettings;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.config.ToolpostConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeMap;

/** Makes the scheduler's settings out of the configuration. */
final class SchedulerSetup {
    private SchedulerSetup() {}

    /** @throws CliException where its address or its directory cannot be used */
    static SchedulerSettings settings(ToolpostConfig config) {
        ToolpostConfig.Scheduler given = config.scheduler();
        InetSocketAddress listen = new InetSocketAddress(given.httpBind(), given.httpPort());
        if (listen.isUnresolved()) {
            throw CliException.usage(
                    "scheduler.http_bind: " + given.httpBind() + " is no address of this machine", "Correct it.");
        }
        SchedulerSettings.Pace usual = SchedulerSettings.Pace.defaults();
        return new SchedulerSettings(
                new Topics(config.prefix()),
                new TreeMap<>(config.kafka().properties()),
                given.applicationId(),
                directory(given.stateDirectory()),
                given.threads(),
                given.standbyReplicas(),
                listen,
                given.advertisedAddress(),
                new SchedulerSettings.Pace(
                        usual.poll(),
                        given.commitInterval(),
                        given.sessionTimeout(),
                        given.transactionTimeout(),
                        usual.tick(),
                        usual.peer()),
                new SchedulerSettings.Memory(
                        given.memory().blockCache().bytes(),
                        given.memory().writeBuffers().bytes()),
                DeferralSettings.defaults(),
                new JobTerms(jobs(given.jobs()), config.topics().replyPattern(), config.defaultTenant()));
    }

    private static JobSettings jobs(ToolpostConfig.Jobs given) {
        JobSettings usual = JobSettings.defaults();
        return new JobSettings(
                usual.mostParts(),
                given.partsPerJob(),
                usual.mostConcurrency(),
                given.partsPerConnection(),
                given.partsPerVendor(),
                given.partAttempts(),
                given.partRetryAfter(),
                usual.longestRetry(),
                usual.partDeadline(),
                given.deadline(),
                given.deadlineMax(),
                usual.progressEvery(),
                usual.cancelEvery(),
                usual.cancelPatience(),
                usual.lostAfter(),
                usual.keepFinished(),
                given.retention(),
                usual.maxJobBytes());
    }

    private static Path directory(Path directory) {
        try {
            return Files.createDirectories(directory.toAbsolutePath().normalize());
        } catch (IOException e) {
            throw CliException.usage(
                    "scheduler.state_directory: " + directory + " cannot be made: " + e,
                    "Name a directory that this user may write, on a disk that is not shared.",
                    e);
        }
    }

    /** Where a scheduler is asked from this machine. */
    static String url(InetSocketAddress listening) {
        String host = listening.getAddress().isAnyLocalAddress()
                ? "127.0.0.1"
                : listening.getAddress().getHostAddress();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + listening.getPort();
    }

    /** Waits until it has all of its state and works. */
    static boolean awaitReady(Scheduler scheduler, Duration bound) throws InterruptedException {
        long untilNanos = System.nanoTime() + bound.toNanos();
        while (!scheduler.ready()) {
            if (System.nanoTime() - untilNanos > 0 || scheduler.failure() != null) {
                return false;
            }
            Thread.sleep(20);
        }
        return true;
    }
}
