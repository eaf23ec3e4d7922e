package dev.toolpost.scheduler.fencing;

import java.util.UUID;

/**
 * A transaction that was open when somebody looked. Two that are equal are the same transaction.
 *
 * @param process whose it is
 * @param startedMillis by the clock of its coordinator
 */
record OpenTransaction(String transactionalId, UUID process, long producerId, int epoch, long startedMillis) {}
