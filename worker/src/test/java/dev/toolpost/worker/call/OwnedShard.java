package dev.toolpost.worker.call;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ConnectorSource;
import dev.toolpost.worker.journal.Journal;
import dev.toolpost.worker.ownership.Shard;
import dev.toolpost.worker.ratelimit.LimitNews;
import dev.toolpost.worker.ratelimit.TenantWeights;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import java.time.InstantSource;

/** What one ownership of a shard holds, for tests that have no worker around it. */
final class OwnedShard {

    private OwnedShard() {}

    static ShardCalls of(Shard shard, int placesPerConnection) {
        InstantSource clock = InstantSource.system();
        return new ShardCalls(
                shard,
                new Journal(shard.number(), clock),
                System::nanoTime,
                clock,
                placesPerConnection,
                new Limiters(
                        ConnectorSource.fixed(ConnectorCatalogue.bundled()),
                        TenantWeights.EQUAL,
                        SharedPermitsSource.NONE,
                        (number, vendor, snapshot, durable) -> durable.accept(true),
                        LimitNews.UNHEARD,
                        System::nanoTime,
                        clock),
                (of, entry, durable) -> durable.accept(true),
                null);
    }
}
