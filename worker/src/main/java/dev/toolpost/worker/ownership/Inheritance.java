package dev.toolpost.worker.ownership;

import dev.toolpost.worker.ledger.LedgerMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jspecify.annotations.Nullable;

/** What the owner before left behind, read from the last commit of the shard's leading partition. */
public sealed interface Inheritance {

    /** Nobody ever owned the shard: limits start unused. */
    record Untouched() implements Inheritance {}

    /** The owner before handed the shard back in order and saved its bucket states under its token. */
    record HandedBack(String token) implements Inheritance {}

    /** The owner before vanished, or somebody else wrote the offsets: its windows count as full. */
    record Abandoned(@Nullable String token) implements Inheritance {}

    /** Reads the last commit; null where there is none. */
    static Inheritance of(@Nullable OffsetAndMetadata committed) {
        if (committed == null) {
            return new Untouched();
        }
        LedgerMetadata metadata = LedgerMetadata.parse(committed.metadata());
        if (metadata == null) {
            return new Abandoned(null);
        }
        return metadata.clean() ? new HandedBack(metadata.owner()) : new Abandoned(metadata.owner());
    }
}
