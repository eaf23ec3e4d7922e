package dev.toolpost.scheduler.fencing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Tells which open transactions nobody will end. The order of the questions is the proof: a process has work, and so transactions, only while
 * it is a member. One whose transaction was open before and that is no member afterwards is dead or was thrown out; what it does is refused
 * either way, and one that lives joins again. One that joins in between is either among the members, or had nothing open before. And
 * who is alive ends its transaction within a moment: only one that is the same after the members were asked counts.
 */
final class Orphans {

    private final Cluster cluster;
    private final UUID self;

    /** @param self whose transactions are its own business */
    Orphans(Cluster cluster, UUID self) {
        this.cluster = cluster;
        this.self = self;
    }

    /** The transactional ids whose open transactions are to be ended. */
    List<String> find() throws ExecutionException, TimeoutException, InterruptedException {
        List<OpenTransaction> suspects = new ArrayList<>(cluster.open());
        suspects.removeIf(each -> each.process().equals(self));
        if (suspects.isEmpty()) {
            return List.of();
        }
        Optional<Set<UUID>> members = cluster.members();
        if (members.isEmpty()) {
            return List.of();
        }
        suspects.removeIf(each -> members.get().contains(each.process()));
        if (suspects.isEmpty()) {
            return List.of();
        }
        suspects.retainAll(cluster.open());
        return ids(suspects);
    }

    /**
     * What an earlier life of this very process left open. Only before this one begins to work: whoever has the lock of the state directory has
     * its id alone.
     */
    List<String> ofEarlierLife() throws ExecutionException, TimeoutException, InterruptedException {
        return ids(cluster.open().stream()
                .filter(each -> each.process().equals(self))
                .toList());
    }

    private static List<String> ids(Collection<OpenTransaction> transactions) {
        return transactions.stream().map(OpenTransaction::transactionalId).toList();
    }
}
