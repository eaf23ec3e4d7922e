package dev.toolpost.client;

import org.jspecify.annotations.Nullable;

/**
 * A call with all that the client has settled about it.
 *
 * @param topic where it is published
 * @param replyPartition partition of the reply topic to which its frames are to come; null leaves it to the key
 */
record Outgoing(
        String callId,
        CallSpec spec,
        String topic,
        @Nullable Integer replyPartition) {}
