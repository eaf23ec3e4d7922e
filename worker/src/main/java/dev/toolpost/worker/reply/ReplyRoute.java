package dev.toolpost.worker.reply;

import org.jspecify.annotations.Nullable;

/** Where a call's reply goes. */
public sealed interface ReplyRoute {

    /**
     * The topic may be written.
     *
     * @param partition the partition that the agent asked for; null leaves it to the key
     * @param maxMessageBytes the largest record that the topic takes
     */
    record Open(String topic, @Nullable Integer partition, int maxMessageBytes) implements ReplyRoute {}

    /** The topic may be written, but not the partition that the agent asked for: the answer says so. */
    record WrongPartition(Open open, String problem) implements ReplyRoute {}

    /** It may not; the call becomes a dead letter with this reason. */
    record Closed(String reason) implements ReplyRoute {}
}
