package dev.toolpost.scheduler.fencing;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the open transactions of schedulers that died. Until somebody does, whoever reads {@code read_committed} what they wrote to waits for the
 * time-out of the transaction and the brokers' sweep behind it: the readers of what is due, and the instance that restores their state.
 *
 * <p>To end one of a scheduler that lives after all loses nothing: Kafka Streams aborts, joins the group again and goes on from its last
 * transaction. Without this class, or without the right to do it, everything is only later.
 *
 * <p>Thread-safe. One thread of its own.
 */
public final class DeadTransactions implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeadTransactions.class);
    private static final Duration BOUND = Duration.ofSeconds(5);

    private final Cluster cluster;
    private final Orphans orphans;
    private final ScheduledThreadPoolExecutor thread;
    private final AtomicBoolean looking = new AtomicBoolean();
    private final LongAdder ended = new LongAdder();
    private String lastFailure = "";

    /**
     * Of one application.
     *
     * @param admin is not closed with it
     * @param threadName of any thread of this process' streams, which says what the process is called
     */
    public static DeadTransactions of(Admin admin, String applicationId, String threadName) {
        StreamsNames names = new StreamsNames(applicationId);
        UUID self = names.processOfClient(threadName)
                .orElseThrow(() -> new IllegalArgumentException(
                        threadName + " (expected: " + applicationId + "-<process>-StreamThread-<number>)"));
        return new DeadTransactions(new AdminCluster(admin, names, BOUND), self);
    }

    DeadTransactions(Cluster cluster, UUID self) {
        this.cluster = cluster;
        this.orphans = new Orphans(cluster, self);
        this.thread = new ScheduledThreadPoolExecutor(
                1,
                Thread.ofPlatform().name("dead-transactions").daemon().factory(),
                new ThreadPoolExecutor.DiscardPolicy());
    }

    /** Those of an earlier life of this process, at once. To be called before its streams start: they have the same ids. */
    public void endEarlierLife() {
        end(orphans::ofEarlierLife);
    }

    /** Those of processes that are no longer members, at once. */
    public void endOrphans() {
        end(orphans::find);
    }

    /** Looks now and then, from now on. */
    @SuppressWarnings("FutureReturnValueIgnored") // what fails is told and tried again
    public void watch(Duration every) {
        thread.scheduleWithFixedDelay(this::endOrphans, 0, every.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Looks soon: the members of the group changed. */
    public void lookSoon() {
        if (looking.compareAndSet(false, true)) {
            thread.execute(() -> {
                looking.set(false);
                endOrphans();
            });
        }
    }

    /** How many transactions of the dead it has ended. */
    public long ended() {
        return ended.sum();
    }

    private interface Question {
        List<String> ask() throws ExecutionException, TimeoutException, InterruptedException;
    }

    private synchronized void end(Question question) {
        try {
            List<String> found = question.ask();
            if (!found.isEmpty()) {
                Set<String> fenced = cluster.fence(found);
                ended.add(fenced.size());
                LOG.info("Ended the open transactions of schedulers that are gone: {}", fenced);
            }
            lastFailure = "";
        } catch (ExecutionException e) {
            failed(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException | KafkaException e) {
            failed(e);
        } catch (RuntimeException bug) {
            // An executor would keep it to itself, and look no more.
            LOG.error("Open transactions of schedulers that are gone are not looked for this time", bug);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Told once for as long as it lasts. */
    private void failed(Throwable failure) {
        if (thread.isShutdown()) {
            return;
        }
        String said = failure.toString();
        if (!said.equals(lastFailure)) {
            LOG.warn(
                    "Cannot look for open transactions of schedulers that are gone ({}); readers may wait for the brokers to end them. Is the"
                            + " scheduler allowed to write to its transactional ids and to describe its group?",
                    said);
        }
        lastFailure = said;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
