package dev.toolpost.worker.call;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ConnectorSource;
import dev.toolpost.schemas.Shards;
import dev.toolpost.worker.commit.Committer;
import dev.toolpost.worker.credentials.CredentialsUnavailableException;
import dev.toolpost.worker.oauth.AccessTokens;
import dev.toolpost.worker.oauth.IdleConnections;
import dev.toolpost.worker.oauth.IdleGrants;
import dev.toolpost.worker.ownership.PoolTopics;
import dev.toolpost.worker.ownership.Shard;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refreshes connections of the pool that nobody uses before their grants die of that, one after another: those of owned shards alone, under the same intent and
 * the same proof of ownership as refreshes for calls. Thread-safe.
 */
final class IdleRefresh implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(IdleRefresh.class);

    private final PoolTopics topics;
    private final Supplier<Collection<Shard>> owned;
    private final ConnectorSource connectors;
    private final IdleConnections connections;
    private final AccessTokens tokens;
    private final Committer committer;
    private final IdleGrants idle;
    private final RandomGenerator random;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    IdleRefresh(
            PoolTopics topics,
            Supplier<Collection<Shard>> owned,
            ConnectorSource connectors,
            IdleConnections connections,
            AccessTokens tokens,
            Committer committer,
            IdleGrants idle,
            RandomGenerator random) {
        this.topics = topics;
        this.owned = owned;
        this.connectors = connectors;
        this.connections = connections;
        this.tokens = tokens;
        this.committer = committer;
        this.idle = idle;
        this.random = random;
        this.thread = Thread.ofVirtual().name("idle-grants-" + topics.pool()).unstarted(this::run);
    }

    void start() {
        if (idle.isOn()) {
            thread.start();
        }
    }

    private void run() {
        try {
            while (!stopped.await(pause(), TimeUnit.MILLISECONDS)) {
                try {
                    round();
                } catch (RuntimeException bug) {
                    log.error(
                            "Idle grants of pool {} were not all looked at; the next round tries again",
                            topics.pool(),
                            bug);
                }
            }
        } catch (InterruptedException asked) {
            log.debug("idle grants are looked for no longer");
        }
    }

    /** Workers that started together do not ask the store together. */
    private long pause() {
        long every = idle.every().toMillis();
        return every / 2 + random.nextLong(every / 2 + 1);
    }

    private void round() throws InterruptedException {
        Map<Integer, Shard> shards = owned.get().stream()
                .filter(Shard::mayStart)
                .collect(Collectors.toMap(Shard::number, Function.identity()));
        ConnectorCatalogue catalogue = connectors.current();
        // Most pools have no vendor of that kind, and then nobody is asked for anything.
        boolean concerned = catalogue.connectors().values().stream()
                .filter(connector -> connector.pool().equals(topics.pool()))
                .anyMatch(connector -> connector.auth().stream().anyMatch(idle::concerns));
        if (!concerned || shards.isEmpty()) {
            return;
        }
        List<IdleConnections.Name> names = connections.toLookAt(
                (tenant, connection) -> shards.containsKey(Shards.of(tenant, connection, topics.shards())));
        for (IdleConnections.Name name : names) {
            IdleConnections.Due due = connections.due(name, catalogue);
            Shard shard = shards.get(Shards.of(name.tenant(), name.connection(), topics.shards()));
            if (due != null && shard != null) {
                keepAlive(due, shard);
            }
            if (stopped.getCount() == 0) {
                return;
            }
        }
    }

    private void keepAlive(IdleConnections.Due due, Shard shard) throws InterruptedException {
        log.debug(
                "Connection {} was left alone for long: its token is refreshed",
                due.stored().connection().id());
        TopicPartition partition = new TopicPartition(topics.calls(), shard.number());
        try {
            tokens.keepAlive(
                    due.stored(),
                    due.connector(),
                    due.auth(),
                    () -> shard.mayStart() && committer.proveOwnership(shard, partition) && shard.mayStart());
        } catch (CredentialsUnavailableException unavailable) {
            log.debug(
                    "Connection {} cannot be refreshed now: {}",
                    due.stored().connection().id(),
                    unavailable.getMessage());
        }
    }

    @Override
    public void close() {
        stopped.countDown();
        try {
            if (thread.isAlive() && !thread.join(Duration.ofSeconds(1))) {
                thread.interrupt();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
