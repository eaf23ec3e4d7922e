package dev.toolpost.worker;

import dev.toolpost.worker.broker.TopicFollower;
import dev.toolpost.worker.credentials.CredentialStore;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hears on {@code connection-events} that others changed connections, and has the credential store look anew. What is said of a
 * connection does not matter, so any format will do. Whoever does not hear it sees the change when what it remembers ends.
 * Thread-safe.
 */
final class ConnectionChanges implements AutoCloseable {

    private final CredentialStore credentials;
    private final TopicFollower follower;

    /** @param consumers makes a consumer without a group */
    ConnectionChanges(String topic, Supplier<Consumer<byte[], byte[]>> consumers, CredentialStore credentials) {
        this.credentials = credentials;
        this.follower = new TopicFollower(
                topic,
                TopicFollower.From.END,
                "connection-changes",
                "changes of connections by others are seen late",
                consumers,
                (message, live) -> heard(message.key()));
    }

    void start() {
        follower.start();
    }

    private boolean heard(byte @Nullable [] key) {
        String id = key == null ? "" : new String(key, StandardCharsets.UTF_8);
        int slash = id.indexOf('/');
        if (slash > 0) {
            credentials.changedElsewhere(id.substring(0, slash), id.substring(slash + 1));
        }
        return true;
    }

    @Override
    public void close() {
        follower.close();
    }
}
