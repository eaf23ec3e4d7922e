package dev.toolpost.scheduler.job;

import dev.toolpost.message.JobCommand;
import dev.toolpost.schemas.DeadLetters;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.Ids;
import dev.toolpost.schemas.InvalidMessageException;
import dev.toolpost.schemas.MalformedMessageException;
import dev.toolpost.schemas.MessageCodec;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Brings commands to the partition of their job, whatever key and partitioner they were sent with, and takes out what names no job. Confined
 * to its stream thread.
 */
final class CommandReader implements Processor<byte[], byte[], byte[], JobOutput> {

    private final MessageCodec<JobCommand> commands;
    private final Letters letters;
    private @Nullable ProcessorContext<byte[], JobOutput> context;

    CommandReader(MessageCodec<JobCommand> commands, DeadLetters letters) {
        this.commands = commands;
        this.letters = new Letters(letters);
    }

    @Override
    public void init(ProcessorContext<byte[], JobOutput> context) {
        this.context = context;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        ProcessorContext<byte[], JobOutput> out = context;
        if (out == null) {
            throw new IllegalStateException("not opened yet");
        }
        RecordMetadata place =
                out.recordMetadata().orElseThrow(() -> new IllegalStateException("a job command without its place"));
        try {
            String id = jobId(place.topic(), record.value());
            if (Ids.isCallId(id)) {
                out.forward(record.withKey(id.getBytes(StandardCharsets.UTF_8))
                        .withValue(new JobOutput.Inside(record.value())));
                return;
            }
            bury(
                    out,
                    record,
                    place,
                    "bad-job-id",
                    "job_id: " + (id.isEmpty() ? "missing" : "\"" + id + "\"")
                            + " (expected: 1 to 150 printable ASCII characters without spaces)");
        } catch (MalformedMessageException poison) {
            bury(out, record, place, poison.causeCode(), String.valueOf(poison.getMessage()));
        } catch (InvalidMessageException wrong) {
            bury(out, record, place, wrong.causeCode(), String.valueOf(wrong.getMessage()));
        }
    }

    /** The id also of a command with other fields that are wrong: its sender is answered. */
    private String jobId(String topic, byte @Nullable [] value) throws DecodeException {
        try {
            return commands.decode(topic, value).value().getJobId();
        } catch (InvalidMessageException wrong) {
            JobCommand partial = wrong.partial(JobCommand.class);
            if (partial == null || partial.getJobId().isEmpty()) {
                throw wrong;
            }
            return partial.getJobId();
        }
    }

    private void bury(
            ProcessorContext<byte[], JobOutput> out,
            Record<byte[], byte[]> record,
            RecordMetadata place,
            String cause,
            String detail) {
        var letter = letters.of(record, place, cause, detail, record.timestamp());
        out.forward(letter.withValue(new JobOutput.Outside(letter.value())));
    }
}
