package dev.toolpost.benchmarks;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Puts calls before a candidate and measures how it answers them. Not thread-safe. */
final class Load {

    private static final Duration LONGEST_ROUND = Duration.ofMinutes(2);
    private static final long LOOK_NANOS = 2_000_000;

    private final Stage stage;
    private final Agent agent;
    private int lastCall;

    Load(Stage stage, Agent agent) {
        this.stage = stage;
        this.agent = agent;
    }

    /** Processor times are per call, in microseconds. */
    record Throughput(double callsPerSecond, double cpu, double cpuInKernel, double brokerCpu, double vendorCpu) {}

    /** From the send of a call to the receipt of its reply, in milliseconds. */
    record Latency(double p50, double p99) {}

    /**
     * Stops the program, puts the calls on its topic, lets it go on and waits for the replies, so that making the calls costs the
     * round nothing.
     *
     * @param counted the part of the calls over which the rate is taken; less than 1 leaves out the tail of slow calls at the end
     */
    Throughput throughput(Candidate candidate, int calls, double counted) {
        long already = agent.count(candidate.replies());
        candidate.program().freeze();
        for (int i = 0; i < calls; i++) {
            agent.publish(candidate.calls().apply(++lastCall));
        }
        agent.flush();
        CpuTime cpu = candidate.program().cpu();
        CpuTime broker = stage.brokerCpu();
        CpuTime vendor = stage.vendorCpu();
        int enough = (int) (calls * counted);
        long from = System.nanoTime();
        candidate.program().thaw();
        double seconds = 0;
        long come = 0;
        while (come < calls) {
            come = agent.count(candidate.replies()) - already;
            long nanos = System.nanoTime() - from;
            if (seconds == 0 && come >= enough) {
                seconds = nanos / 1e9 * enough / come;
            }
            if (nanos > LONGEST_ROUND.toNanos()) {
                throw new IllegalStateException(
                        candidate.name() + " answered " + come + " of " + calls + " calls within " + LONGEST_ROUND);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        CpuTime used = candidate.program().cpu().since(cpu);
        return new Throughput(
                enough / seconds,
                used.per(calls),
                (double) used.kernel() / calls,
                stage.brokerCpu().since(broker).per(calls),
                stage.vendorCpu().since(vendor).per(calls));
    }

    /** Sends calls at a steady rate. */
    Latency latency(Candidate candidate, int calls, int perSecond) throws InterruptedException {
        int first = lastCall + 1;
        lastCall += calls;
        long[] sentAt = new long[calls];
        List<Long> took = new ArrayList<>(calls);
        agent.readFromEnd(candidate.replies());
        Thread sender = Thread.ofPlatform().start(() -> send(candidate, first, sentAt, perSecond));
        long until = System.nanoTime() + LONGEST_ROUND.toNanos();
        while (took.size() < calls && System.nanoTime() < until) {
            agent.read(Duration.ofMillis(100), reply -> {
                int call = Integer.parseInt(new String(reply.key(), StandardCharsets.UTF_8)) - first;
                took.add(System.nanoTime() - sentAt[call]);
            });
        }
        sender.join();
        if (took.size() < calls) {
            throw new IllegalStateException(
                    candidate.name() + " answered " + took.size() + " of " + calls + " calls within " + LONGEST_ROUND);
        }
        return new Latency(Figures.percentileMillis(took, 0.5), Figures.percentileMillis(took, 0.99));
    }

    private void send(Candidate candidate, int first, long[] sentAt, int perSecond) {
        long from = System.nanoTime();
        for (int i = 0; i < sentAt.length; i++) {
            long due = from + i * 1_000_000_000L / perSecond;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            ProducerRecord<byte[], byte[]> call = candidate.calls().apply(first + i);
            sentAt[i] = System.nanoTime();
            agent.publish(call);
        }
    }

    /**
     * Looks into the last replies of a worker: those that were counted are results, not errors.
     *
     * @return bytes of a reply on average
     */
    int checkReplies(Candidate worker, int most) {
        agent.readFromEnd(worker.replies());
        agent.seekBack(Math.max(1, most / stage.shards()));
        int[] seen = {0, 0};
        for (int i = 0; i < 20 && seen[0] < most; i++) {
            agent.read(Duration.ofMillis(100), message -> {
                Agent.requireOk(agent.decode(message));
                seen[0]++;
                seen[1] += message.value().length;
            });
        }
        if (seen[0] == 0) {
            throw new IllegalStateException("no reply could be read again");
        }
        return seen[1] / seen[0];
    }
}
