package dev.toolpost.worker.ownership;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FenceProducersOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the open transactions of workers that are gone, so that their shards need not wait for the broker's time-out.
 *
 * <p>A transactional id is {@code <prefix><client id>}; a worker is gone when no member of the consumer group has that
 * client id. To fence a worker that lives after all (it just lost its membership) is harmless: it opens its producer
 * anew and reconciles.
 */
public final class OrphanedTransactions {

    private static final Logger log = LoggerFactory.getLogger(OrphanedTransactions.class);

    private final Admin admin;
    private final String group;
    private final String prefix;
    private final Duration bound;

    /**
     * @param prefix what all transactional ids of the pool start with
     * @param bound how long the broker may take; past it the shards wait for the broker's own time-out
     */
    public OrphanedTransactions(Admin admin, String group, String prefix, Duration bound) {
        this.admin = admin;
        this.group = group;
        this.prefix = prefix;
        this.bound = bound;
    }

    /** Fences them; returns the transactional ids fenced. Never throws: without it the shards only start later. */
    public Set<String> fence() {
        int timeoutMillis = (int) bound.toMillis();
        try {
            Set<String> open = new HashSet<>();
            ListTransactionsOptions ongoing = new ListTransactionsOptions()
                    .filterStates(List.of(TransactionState.ONGOING))
                    .timeoutMs(timeoutMillis);
            for (TransactionListing listing :
                    admin.listTransactions(ongoing).all().get(timeoutMillis, TimeUnit.MILLISECONDS)) {
                if (listing.transactionalId().startsWith(prefix)) {
                    open.add(listing.transactionalId());
                }
            }
            if (open.isEmpty()) {
                return open;
            }
            for (MemberDescription member : Objects.requireNonNull(admin.describeConsumerGroups(List.of(group))
                            .describedGroups()
                            .get(group))
                    .get(timeoutMillis, TimeUnit.MILLISECONDS)
                    .members()) {
                open.remove(prefix + member.clientId());
            }
            if (!open.isEmpty()) {
                admin.fenceProducers(open, new FenceProducersOptions().timeoutMs(timeoutMillis))
                        .all()
                        .get(timeoutMillis, TimeUnit.MILLISECONDS);
                log.info("Fenced the open transactions of workers that are gone: {}", open);
            }
            return open;
        } catch (ExecutionException | TimeoutException | RuntimeException failed) {
            log.warn(
                    "Could not look for transactions of workers that are gone; shards may wait for the broker to abort them",
                    failed);
            return Set.of();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Set.of();
        }
    }
}
