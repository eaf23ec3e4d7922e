package dev.toolpost.benchmarks;

import dev.toolpost.message.JobEvent;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.MessageCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads {@code read_committed} what a job delivers and tells, and holds it to the promise as it comes. Not thread-safe. */
final class JobSink implements AutoCloseable {

    private final Agent frames;
    private final Agent events;
    private final MessageCodec<JobEvent> codec;
    private final String jobId;
    private final List<Part> parts = new ArrayList<>();
    private final List<Told> told = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private long records;
    private int ended;

    /** What the job said, and when it came. */
    record Told(long nanos, JobEvent event) {}

    /** What came of one part. */
    private static final class Part {
        private final RecordIds ids;
        private final List<Long> cameNanos = new ArrayList<>();
        private int lasts;

        Part(long firstId) {
            this.ids = new RecordIds(firstId);
        }
    }

    /**
     * From the present end of both topics on.
     *
     * @param firstId the vendor's records have consecutive ids from this on
     */
    JobSink(Stage stage, String sink, String jobId, int parts, long firstId) {
        this.frames = new Agent(stage);
        this.events = new Agent(stage);
        this.codec = stage.codec(JobEvent.class);
        this.jobId = jobId;
        for (int i = 0; i < parts; i++) {
            this.parts.add(new Part(firstId));
        }
        frames.readFromEnd(sink);
        events.readFromEnd(stage.topics().jobEvents());
    }

    void read(Duration within) {
        frames.read(within, this::frame);
        events.read(Duration.ZERO, this::event);
    }

    private void frame(ConsumerRecord<byte[], byte[]> message) {
        String id = new String(message.key(), StandardCharsets.UTF_8);
        ToolReply frame = frames.decode(message);
        int number = Integer.parseInt(id.substring(jobId.length() + 1));
        Part part = parts.get(number);
        if (!frame.getStatus().equals("ok")) {
            failures.add(id + ": " + frame.getError());
        }
        if (frame.getFrame() != part.cameNanos.size()) {
            failures.add(id + ": frame " + frame.getFrame() + " (expected: " + part.cameNanos.size() + ")");
        }
        if (part.lasts > 0) {
            failures.add(id + ": frame " + frame.getFrame() + " behind the last");
        }
        part.cameNanos.add(System.nanoTime());
        String content = frame.getContent();
        records += part.ids.take(content == null ? "" : content);
        if (frame.getLast()) {
            part.lasts++;
            ended++;
        }
    }

    private void event(ConsumerRecord<byte[], byte[]> message) {
        JobEvent event = codec.decode(message.topic(), message.value()).value();
        if (event.getJobId().equals(jobId)) {
            told.add(new Told(System.nanoTime(), event));
        }
    }

    long records() {
        return records;
    }

    /** Parts whose last frame came. */
    int ended() {
        return ended;
    }

    List<Told> told() {
        return List.copyOf(told);
    }

    /** Whether the part had begun to deliver then and had not ended. */
    boolean underWay(int part, long atNanos) {
        List<Long> came = parts.get(part).cameNanos;
        return !came.isEmpty()
                && came.getFirst() <= atNanos
                && (parts.get(part).lasts == 0 || came.getLast() >= atNanos);
    }

    /** Milliseconds from then to the part's next frame; NaN where none came. */
    double nextFrameMillis(int part, long afterNanos) {
        return parts.get(part).cameNanos.stream()
                .filter(each -> each >= afterNanos)
                .findFirst()
                .map(each -> (each - afterNanos) / 1e6)
                .orElse(Double.NaN);
    }

    /** Milliseconds from then to the next frame of any part; NaN where none came. */
    double firstFrameMillis(long afterNanos) {
        return IntStream.range(0, parts.size())
                .mapToDouble(i -> nextFrameMillis(i, afterNanos))
                .filter(each -> !Double.isNaN(each))
                .min()
                .orElse(Double.NaN);
    }

    /** The longest time between two frames of whatever parts, of which the later came in this time. */
    double longestGapMillis(long fromNanos, long toNanos) {
        long[] came = parts.stream()
                .flatMap(each -> each.cameNanos.stream())
                .mapToLong(Long::longValue)
                .sorted()
                .toArray();
        long longest = 0;
        for (int i = 1; i < came.length; i++) {
            if (came[i] >= fromNanos && came[i] < toNanos) {
                longest = Math.max(longest, came[i] - came[i - 1]);
            }
        }
        return longest / 1e6;
    }

    /** Milliseconds from then to the next that the job told; NaN where nothing came. */
    double nextEventMillis(long afterNanos) {
        return told.stream()
                .filter(each -> each.nanos() >= afterNanos)
                .findFirst()
                .map(each -> (each.nanos() - afterNanos) / 1e6)
                .orElse(Double.NaN);
    }

    /**
     * Requires of each part every record once, its frames in their places, one last.
     *
     * @throws IllegalStateException with the first of what is wrong
     */
    void requireWhole(long recordsEach) {
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            try {
                part.ids.requireEachOnce(recordsEach);
            } catch (IllegalStateException wrong) {
                failures.add("part " + i + ": " + wrong.getMessage());
            }
            if (part.lasts != 1) {
                failures.add("part " + i + ": " + part.lasts + " last frames (expected: 1)");
            }
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException(failures.size() + " faults, the first: "
                    + String.join("; ", failures.subList(0, Math.min(10, failures.size()))));
        }
    }

    @Override
    public void close() {
        frames.close();
        events.close();
    }
}
