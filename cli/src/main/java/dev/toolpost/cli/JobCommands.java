package dev.toolpost.cli;

import dev.toolpost.message.Job;
import dev.toolpost.message.JobCommand;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.config.ToolpostConfig;
import org.jspecify.annotations.Nullable;

/** Commands to the scheduler about jobs. In JSON, so that what it answers can be read by people. */
final class JobCommands {
    private static final MessageCodec<JobCommand> CODEC = MessageCodec.of(JobCommand.class, null);

    private JobCommands() {}

    static void submit(ToolpostConfig config, String jobId, Job job) throws InterruptedException {
        send(config, jobId, "submit", job);
    }

    static void steer(ToolpostConfig config, String jobId, String action) throws InterruptedException {
        send(config, jobId, action, null);
    }

    private static void send(ToolpostConfig config, String jobId, String action, @Nullable Job job)
            throws InterruptedException {
        String topic = new Topics(config.prefix()).jobs();
        JobCommand command = JobCommand.newBuilder()
                .setJobId(jobId)
                .setAction(action)
                .setJob(job)
                .setSubmitter("toolpost command of " + System.getProperty("user.name", "nobody"))
                .setAt(System.currentTimeMillis())
                .build();
        CommandTopic.publish(config, topic, jobId, CODEC.encode(topic, command, Format.JSON));
    }
}
