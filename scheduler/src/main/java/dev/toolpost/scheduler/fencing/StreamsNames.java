package dev.toolpost.scheduler.fencing;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where Kafka Streams puts the id of a process: transactional ids are {@code <application>-<process>-<thread>} with exactly-once v2, threads and
 * the client ids of their consumers begin with {@code <application>-<process>-StreamThread-}, unless {@code client.id} is set.
 */
record StreamsNames(String applicationId) {

    private static final String PROCESS = "-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-";

    /** Of the process whose transactions have this id; empty where it is not one of this application's. */
    Optional<UUID> processOfTransactions(String transactionalId) {
        return process(transactionalId, "\\d+");
    }

    /** Of the process that has this thread, or this client of a group; empty where the name does not say it. */
    Optional<UUID> processOfClient(String name) {
        return process(name, "StreamThread-.+");
    }

    private Optional<UUID> process(String name, String rest) {
        Matcher matcher =
                Pattern.compile(Pattern.quote(applicationId) + PROCESS + rest).matcher(name);
        return matcher.matches() ? Optional.of(UUID.fromString(matcher.group(1))) : Optional.empty();
    }
}
