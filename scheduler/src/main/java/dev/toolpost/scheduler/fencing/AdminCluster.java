package dev.toolpost.scheduler.fencing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTransactionsOptions;
import org.apache.kafka.clients.admin.DescribeTransactionsResult;
import org.apache.kafka.clients.admin.FenceProducersOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the brokers. They show only transactions that the principal may describe. Confined to one thread.
 *
 * <p>Members come from the group that Kafka Streams forms by the classic protocol; its name is that of the application.
 */
final class AdminCluster implements Cluster {

    private static final Logger LOG = LoggerFactory.getLogger(AdminCluster.class);

    private final Admin admin;
    private final StreamsNames names;
    private final Duration bound;

    /** Brokers before 4.1 cannot choose by name. */
    private boolean chosenByBrokers = true;

    /** @param bound of each question */
    AdminCluster(Admin admin, StreamsNames names, Duration bound) {
        this.admin = admin;
        this.names = names;
        this.bound = bound;
    }

    private int millis() {
        return (int) bound.toMillis();
    }

    private <T> T within(KafkaFuture<T> answer) throws ExecutionException, TimeoutException, InterruptedException {
        return answer.get(bound.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public List<OpenTransaction> open() throws ExecutionException, TimeoutException, InterruptedException {
        Map<String, UUID> processes = new HashMap<>();
        for (TransactionListing listing : listed()) {
            String id = listing.transactionalId();
            names.processOfTransactions(id).ifPresent(process -> processes.put(id, process));
        }
        if (processes.isEmpty()) {
            return List.of();
        }
        DescribeTransactionsResult described =
                admin.describeTransactions(processes.keySet(), new DescribeTransactionsOptions().timeoutMs(millis()));
        List<OpenTransaction> open = new ArrayList<>();
        for (Map.Entry<String, UUID> each : processes.entrySet()) {
            described(described, each.getKey())
                    .filter(transaction -> transaction.state() == TransactionState.ONGOING)
                    .ifPresent(transaction -> open.add(new OpenTransaction(
                            each.getKey(),
                            each.getValue(),
                            transaction.producerId(),
                            transaction.producerEpoch(),
                            transaction.transactionStartTimeMs().orElse(-1))));
        }
        return open;
    }

    private Optional<TransactionDescription> described(DescribeTransactionsResult described, String id)
            throws ExecutionException, TimeoutException, InterruptedException {
        try {
            return Optional.of(within(described.description(id)));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TransactionalIdNotFoundException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Collection<TransactionListing> listed() throws ExecutionException, TimeoutException, InterruptedException {
        ListTransactionsOptions ongoing = new ListTransactionsOptions()
                .filterStates(List.of(TransactionState.ONGOING))
                .timeoutMs(millis());
        if (chosenByBrokers) {
            ongoing.filterOnTransactionalIdPattern(Pattern.quote(names.applicationId() + "-") + ".*");
        }
        try {
            return within(admin.listTransactions(ongoing).all());
        } catch (ExecutionException e) {
            if (chosenByBrokers && e.getCause() instanceof UnsupportedVersionException) {
                chosenByBrokers = false;
                return listed();
            }
            throw e;
        }
    }

    @Override
    public Optional<Set<UUID>> members() throws ExecutionException, TimeoutException, InterruptedException {
        Set<UUID> processes = new HashSet<>();
        for (MemberDescription member : described(names.applicationId())) {
            Optional<UUID> process = names.processOfClient(member.clientId());
            if (process.isEmpty()) {
                LOG.warn(
                        "Member {} of group {} does not say which process it is (expected: {}-<process>-StreamThread-...), so transactions of dead"
                                + " schedulers wait for the brokers' time-out. Let nothing but schedulers of this version use that group.",
                        member.clientId(),
                        names.applicationId(),
                        names.applicationId());
                return Optional.empty();
            }
            processes.add(process.get());
        }
        return Optional.of(processes);
    }

    private Collection<MemberDescription> described(String group)
            throws ExecutionException, TimeoutException, InterruptedException {
        try {
            KafkaFuture<ConsumerGroupDescription> description = Objects.requireNonNull(
                    admin.describeConsumerGroups(
                                    List.of(group), new DescribeConsumerGroupsOptions().timeoutMs(millis()))
                            .describedGroups()
                            .get(group),
                    "an answer to come");
            return within(description).members();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return List.of();
            }
            throw e;
        }
    }

    @Override
    public Set<String> fence(Collection<String> transactionalIds) throws TimeoutException, InterruptedException {
        Set<String> fenced = new HashSet<>();
        Map<String, KafkaFuture<Void>> results = admin.fenceProducers(
                        transactionalIds, new FenceProducersOptions().timeoutMs(millis()))
                .fencedProducers();
        for (Map.Entry<String, KafkaFuture<Void>> each : results.entrySet()) {
            try {
                within(each.getValue());
                fenced.add(each.getKey());
            } catch (ExecutionException e) {
                LOG.warn(
                        "The open transaction of {} could not be ended; it is tried again",
                        each.getKey(),
                        e.getCause());
            }
        }
        return fenced;
    }
}
