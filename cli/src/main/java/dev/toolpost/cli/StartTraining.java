package dev.toolpost.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine;

/**
 * The training run of the ahead-of-time cache (JEP 514): runs what most commands start with, so that the cache holds
 * those classes loaded and linked. Started by the launcher after a build; it talks to nobody.
 */
final class StartTraining {
    /** Nothing listens here, and nothing is waited for. */
    private static final String NOWHERE = "127.0.0.1:1";

    private StartTraining() {}

    static void main() {
        CommandLine command = new CommandLine(new Main())
                .setOut(new PrintWriter(Writer.nullWriter()))
                .setErr(new PrintWriter(Writer.nullWriter()));
        command.execute("version");
        command.execute("--help");
        Map<String, Object> client = Map.of("bootstrap.servers", NOWHERE);
        Map<String, Object> consumer =
                Map.of("bootstrap.servers", NOWHERE, "group.id", "training", "isolation.level", "read_committed");
        try (var admin = Admin.create(client);
                var producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer());
                var replies = new KafkaConsumer<>(consumer, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            admin.describeCluster();
            replies.subscribe(List.of("training"));
            replies.poll(Duration.ofMillis(100));
            admin.close(Duration.ZERO);
            producer.close(Duration.ZERO);
        }
    }
}
