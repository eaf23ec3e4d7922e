package dev.toolpost.scheduler;

import dev.toolpost.scheduler.deferral.DeferralSettings;
import dev.toolpost.scheduler.job.JobTerms;
import dev.toolpost.schemas.Topics;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one scheduler process is told. Immutable.
 *
 * @param topics names of all topics
 * @param kafka Kafka's own keys for all clients, {@code bootstrap.servers} among them; secrets may be in it
 * @param applicationId names the group, the internal topics and the transactions: the same for all instances, and for ever
 * @param stateDirectory where RocksDB lives; one for each process
 * @param threads stream threads
 * @param standbyReplicas copies of every store that other instances keep warm
 * @param listen where HTTP is answered; port 0 takes a free one
 * @param advertised {@code host:port} by which other instances reach this one; null takes what is listened on, or the machine's own address where that is all
 * @param pace how quickly things go through
 * @param memory bounds outside of the heap
 * @param deferrals the part about deferrals
 * @param jobs the part about jobs
 */
public record SchedulerSettings(
        Topics topics,
        Map<String, Object> kafka,
        String applicationId,
        Path stateDirectory,
        int threads,
        int standbyReplicas,
        InetSocketAddress listen,
        @Nullable String advertised,
        Pace pace,
        Memory memory,
        DeferralSettings deferrals,
        JobTerms jobs) {

    /**
     * How quickly things go through.
     *
     * @param poll how long a poll waits for records; nothing else is done meanwhile
     * @param commit how long a transaction may be open: what was delivered is seen when it ends
     * @param session how soon another instance takes over from one that died
     * @param transaction when the broker ends the transaction of one that died
     * @param tick how often the brokers' time is asked for
     * @param peer how long another instance may take to answer a question
     */
    public record Pace(
            Duration poll, Duration commit, Duration session, Duration transaction, Duration tick, Duration peer) {

        public Pace {
            requirePositive("poll", poll);
            requirePositive("commit", commit);
            requirePositive("session", session);
            requirePositive("transaction", transaction);
            requirePositive("tick", tick);
            requirePositive("peer", peer);
        }

        public static Pace defaults() {
            return new Pace(
                    Duration.ofMillis(10),
                    Duration.ofMillis(50),
                    Duration.ofSeconds(6),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(2));
        }

        private static void requirePositive(String name, Duration value) {
            if (value.toMillis() < 1) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: at least 1 ms)");
            }
        }
    }

    /**
     * What RocksDB may take outside of the heap, all stores together.
     *
     * @param blockCacheBytes of blocks read, indexes and filters; the write buffers count within it
     * @param writeBufferBytes of what is not written to files yet
     */
    public record Memory(long blockCacheBytes, long writeBufferBytes) {

        public Memory {
            if (writeBufferBytes < 1 || blockCacheBytes < writeBufferBytes) {
                throw new IllegalArgumentException("block cache " + blockCacheBytes + " bytes, write buffers "
                        + writeBufferBytes + " bytes (expected: the write buffers within the block cache)");
            }
        }

        public static Memory defaults() {
            return new Memory(128L << 20, 64L << 20);
        }
    }

    public SchedulerSettings {
        kafka = Map.copyOf(kafka);
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + " (expected: >= 1)");
        }
        if (standbyReplicas < 0) {
            throw new IllegalArgumentException("standbyReplicas: " + standbyReplicas + " (expected: >= 0)");
        }
    }

    /** One thread, no standby replicas, on a free port of the loopback address. */
    public static SchedulerSettings defaults(Topics topics, Map<String, Object> kafka, Path stateDirectory) {
        return new SchedulerSettings(
                topics,
                kafka,
                topics.prefix() + "scheduler",
                stateDirectory,
                1,
                0,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                null,
                Pace.defaults(),
                Memory.defaults(),
                DeferralSettings.defaults(),
                JobTerms.defaults());
    }

    /** The same at another pace. */
    public SchedulerSettings withPace(Pace other) {
        return new SchedulerSettings(
                topics,
                kafka,
                applicationId,
                stateDirectory,
                threads,
                standbyReplicas,
                listen,
                advertised,
                other,
                memory,
                deferrals,
                jobs);
    }

    /** The same with so many stream threads. */
    public SchedulerSettings withThreads(int other) {
        return new SchedulerSettings(
                topics,
                kafka,
                applicationId,
                stateDirectory,
                other,
                standbyReplicas,
                listen,
                advertised,
                pace,
                memory,
                deferrals,
                jobs);
    }

    /** The same with so many standby replicas. */
    public SchedulerSettings withStandbyReplicas(int other) {
        return new SchedulerSettings(
                topics,
                kafka,
                applicationId,
                stateDirectory,
                threads,
                other,
                listen,
                advertised,
                pace,
                memory,
                deferrals,
                jobs);
    }

    /** The same that answers HTTP there. */
    public SchedulerSettings withListen(InetSocketAddress other) {
        return new SchedulerSettings(
                topics,
                kafka,
                applicationId,
                stateDirectory,
                threads,
                standbyReplicas,
                other,
                advertised,
                pace,
                memory,
                deferrals,
                jobs);
    }

    /** Without Kafka's keys, which may hold a password. */
    @Override
    public String toString() {
        return "SchedulerSettings[" + applicationId + ", " + stateDirectory + ", " + threads + " threads, "
                + standbyReplicas + " standby replicas, " + listen + "]";
    }
}
