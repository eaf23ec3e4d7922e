package dev.toolpost.scheduler.job;

import dev.toolpost.message.JobCommand;
import dev.toolpost.scheduler.out.Letters;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.Decoded;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.Ids;
import dev.toolpost.schemas.InvalidMessageException;
import dev.toolpost.schemas.MalformedMessageException;
import dev.toolpost.schemas.MessageCodec;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
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

    /** Header: {@link #bytes}. */
    private static final String BYTES = "toolpost-job-bytes";

    private static final int LONGEST_ACTION = 100;

    private final MessageCodec<JobCommand> commands;
    private final Letters letters;
    private final int mostBytes;
    private @Nullable ProcessorContext<byte[], JobOutput> context;

    /** @param mostBytes of a larger command only what names its job goes on: it may fit into its topic and not into that behind it */
    CommandReader(MessageCodec<JobCommand> commands, Letters letters, int mostBytes) {
        this.commands = commands;
        this.letters = letters;
        this.mostBytes = mostBytes;
    }

    /** Size of a command as it was sent. */
    static int bytes(Record<byte[], byte[]> command) {
        Header bytes = command.headers().lastHeader(BYTES);
        return bytes == null
                ? command.value().length
                : Integer.parseInt(new String(bytes.value(), StandardCharsets.UTF_8));
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
            Decoded<JobCommand> read = read(place.topic(), record.value());
            String id = read.value().getJobId();
            if (Ids.isCallId(id)) {
                byte[] value = record.value();
                Headers headers = new RecordHeaders();
                if (value.length > mostBytes) {
                    headers.add(BYTES, Integer.toString(value.length).getBytes(StandardCharsets.UTF_8));
                    value = commands.encode(place.topic(), bare(read.value()), read.format());
                }
                out.forward(record.withKey(id.getBytes(StandardCharsets.UTF_8))
                        .withValue(new JobOutput.Inside(value))
                        .withHeaders(headers));
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

    private static JobCommand bare(JobCommand command) {
        String action = command.getAction();
        return JobCommand.newBuilder()
                .setJobId(command.getJobId())
                .setAction(action.length() > LONGEST_ACTION ? action.substring(0, LONGEST_ACTION) : action)
                .build();
    }

    /** Also a command with other fields that are wrong: its sender is answered. */
    private Decoded<JobCommand> read(String topic, byte @Nullable [] value) throws DecodeException {
        try {
            return commands.decode(topic, value);
        } catch (InvalidMessageException wrong) {
            JobCommand partial = wrong.partial(JobCommand.class);
            if (partial == null || partial.getJobId().isEmpty()) {
                throw wrong;
            }
            return new Decoded<>(partial, Format.JSON);
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
