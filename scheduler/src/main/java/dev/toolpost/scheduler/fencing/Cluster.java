package dev.toolpost.scheduler.fencing;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** What brokers say of the processes of one application, and do to them. Each question may fail, and is then asked again another time. */
interface Cluster {

    /** The application's transactions that are open now. */
    List<OpenTransaction> open() throws ExecutionException, TimeoutException, InterruptedException;

    /** The processes that are members of the group now; empty where a member does not say which process it is. */
    Optional<Set<UUID>> members() throws ExecutionException, TimeoutException, InterruptedException;

    /** Aborts the open transactions of these ids, whose producers can write nothing more; says of which it is sure. */
    Set<String> fence(Collection<String> transactionalIds) throws TimeoutException, InterruptedException;
}
