package dev.toolpost.worker.call;

import dev.toolpost.worker.commit.Committer;
import dev.toolpost.worker.intake.Intake;
import dev.toolpost.worker.oauth.AccessTokens;
import dev.toolpost.worker.oauth.TokenCounts;
import dev.toolpost.worker.ownership.Shard;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** What a pool can be asked for when somebody scrapes. */
final class PoolGauges {

    private final MeterRegistry registry;
    private final String pool;

    PoolGauges(MeterRegistry registry, String pool) {
        this.registry = registry;
        this.pool = pool;
    }

    void bind(Intake intake, PoolCalls calls, Placement placement, AccessTokens tokens) {
        gauge("toolpost.calls.in.flight", "Calls in hand, waiting ones included", calls::inFlight);
        gauge("toolpost.calls.read", "Records that were read and not begun with", intake::readAhead);
        gauge(
                "toolpost.calls.parked",
                "Calls that wait for a time or a place, as data",
                () -> calls.parking().size());
        gauge(
                "toolpost.shards.owned",
                "Shards whose work runs here",
                () -> intake.owned().stream().filter(Shard::mayStart).count());
        gauge(
                "toolpost.shards.misaligned",
                "Shards of which this worker has only some partitions",
                () -> intake.misaligned().size());
        gauge(
                "toolpost.pool.member",
                "1 while this worker is a member of the pool's group",
                () -> intake.isMember() ? 1 : 0);
        counter("toolpost.calls.started", "Records that were begun with", calls, PoolCalls::started);
        counter(
                "toolpost.calls.forwarded",
                "Calls that belonged elsewhere and were sent on",
                placement,
                Placement::forwarded);
        counter("toolpost.calls.requeued", "Calls that went to the resume topic", placement, Placement::requeued);
        counter("toolpost.partition.pauses", "Times that a partition was paused", intake, Intake::pauses);
        Committer committer = intake.committer();
        counter("toolpost.commit.transactions", "Transactions", committer, Committer::transactions);
        counter("toolpost.commit.rejections", "Commits that the broker rejected", committer, Committer::rejections);
        counter(
                "toolpost.commit.producers.reopened",
                "Transactions of unknown outcome, reconciled by a new producer",
                committer,
                Committer::reopened);
        token(tokens, "sent", TokenCounts::requests);
        token(tokens, "refreshed", TokenCounts::refreshed);
        token(tokens, "failed", TokenCounts::failures);
        token(tokens, "reauthorization_required", TokenCounts::reauthorizations);
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).tag("pool", pool).register(registry);
    }

    private <T> void counter(String name, String description, T source, ToLongFunction<T> count) {
        FunctionCounter.builder(name, source, each -> count.applyAsLong(each))
                .description(description)
                .tag("pool", pool)
                .register(registry);
    }

    private void token(AccessTokens tokens, String event, ToLongFunction<TokenCounts> count) {
        FunctionCounter.builder("toolpost.tokens", tokens, each -> count.applyAsLong(each.counts()))
                .description("What happened to access tokens")
                .tags("pool", pool, "event", event)
                .register(registry);
    }
}
