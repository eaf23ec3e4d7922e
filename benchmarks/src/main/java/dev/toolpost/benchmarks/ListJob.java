package dev.toolpost.benchmarks;

import dev.toolpost.message.Job;
import dev.toolpost.message.JobCommand;
import dev.toolpost.schemas.Format;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A job that lists all contacts of its connections, a part for each. */
final class ListJob {

    /** The vendor's contacts have consecutive ids from this on. */
    static final long FIRST_CONTACT = 51;

    private static final int PAGE = 100;

    private ListJob() {}

    static void submit(Stage stage, String id, List<String> connections, String sink, int concurrency) {
        String properties = "\"" + String.join("\",\"", Candidates.PROPERTIES) + "\"";
        JobCommand command = JobCommand.newBuilder()
                .setJobId(id)
                .setAction("submit")
                .setJob(Job.newBuilder()
                        .setTool("hubspot_list_contacts")
                        .setTenant(Stage.TENANT)
                        .setConnections(connections)
                        .setArguments("{\"limit\":" + PAGE + ",\"properties\":[" + properties + "]}")
                        .setSink(sink)
                        .setConcurrency(concurrency)
                        .build())
                .build();
        String topic = stage.topics().jobs();
        try (Agent agent = new Agent(stage)) {
            agent.publish(new ProducerRecord<>(
                    topic, Agent.utf8(id), stage.codec(JobCommand.class).encode(topic, command, Format.AVRO)));
            agent.flush();
        }
    }
}
