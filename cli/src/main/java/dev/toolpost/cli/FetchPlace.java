package dev.toolpost.cli;

import dev.toolpost.message.Job;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * How far a fetch has come, in a small file beside its output. What it says is true of the output's first {@link #bytes} bytes: whoever goes
 * on cuts off what follows them, reads the sink from {@link #offset} on and takes from each part the frames that are missing. The file is
 * replaced as a whole, after the output was forced to the disk. Used by one thread.
 */
final class FetchPlace {
    private static final String SUFFIX = ".toolpost";
    private static final int VERSION = 1;
    private static final MessageCodec<Job> JOBS = MessageCodec.of(Job.class, null);

    private final Path file;
    private final String jobId;
    private final Job job;
    private final Map<Integer, Long> offsets = new TreeMap<>();
    private final Map<Integer, OpenPart> open = new TreeMap<>();
    private PartNumbers done = new PartNumbers();
    private PartNumbers failed = new PartNumbers();
    private long bytes;
    private long records;
    private long lost;

    /**
     * A part of which frames came, and not the last.
     *
     * @param round how often it was begun anew after it was given up
     * @param frame the next frame
     */
    record OpenPart(int round, int frame, long records) {}

    private FetchPlace(Path file, String jobId, Job job) {
        this.file = file;
        this.jobId = jobId;
        this.job = job;
    }

    /** The file beside an output. */
    static Path beside(Path output) {
        return output.resolveSibling(output.getFileName() + SUFFIX);
    }

    /** A fetch that begins; nothing is written yet. */
    static FetchPlace begin(Path output, String jobId, Job job) {
        return new FetchPlace(beside(output), jobId, job);
    }

    /**
     * The place at which an earlier fetch into this output came to its end; null where there was none.
     *
     * @throws CliException where the file cannot be read
     */
    static @Nullable FetchPlace find(Path output) {
        Path file = beside(output);
        if (!Files.exists(file)) {
            return null;
        }
        try {
            JsonNode node = JsonMapper.shared().readTree(Files.readString(file));
            if (node.path("version").asInt() != VERSION) {
                throw unreadable(file, "version " + node.path("version") + " (expected: " + VERSION + ")", null);
            }
            Job job = JOBS.decode("", node.path("job").asString("").getBytes(StandardCharsets.UTF_8))
                    .value();
            FetchPlace place = new FetchPlace(file, node.path("job_id").asString(), job);
            place.read(node);
            return place;
        } catch (IOException | JacksonException | DecodeException | IllegalArgumentException e) {
            throw unreadable(file, String.valueOf(e.getMessage()), e);
        }
    }

    private void read(JsonNode node) {
        bytes = node.path("bytes").asLong();
        records = node.path("records").asLong();
        lost = node.path("lost_frames").asLong();
        done = PartNumbers.of(node.path("done").asString(""));
        failed = PartNumbers.of(node.path("failed").asString(""));
        node.path("offsets")
                .properties()
                .forEach(each -> offsets.put(
                        Integer.valueOf(each.getKey()), each.getValue().asLong()));
        node.path("open").properties().forEach(each -> {
            JsonNode part = each.getValue();
            open.put(
                    Integer.valueOf(each.getKey()),
                    new OpenPart(
                            part.path("round").asInt(),
                            part.path("frame").asInt(),
                            part.path("records").asLong()));
        });
    }

    private static CliException unreadable(Path file, String why, @Nullable Throwable cause) {
        String message = "the place of an earlier fetch, " + file + ", cannot be read: " + why;
        String nextStep = "Remove it and the output beside it to fetch all anew.";
        return cause == null ? CliException.usage(message, nextStep) : CliException.usage(message, nextStep, cause);
    }

    String jobId() {
        return jobId;
    }

    Job job() {
        return job;
    }

    /** Whether it is about the same records. */
    boolean isOf(Job other) {
        return Job.newBuilder(job)
                .setDeadline(null)
                .build()
                .equals(Job.newBuilder(other).setDeadline(null).build());
    }

    long bytes() {
        return bytes;
    }

    long records() {
        return records;
    }

    /** Frames of which the followers came and they did not. */
    long lost() {
        return lost;
    }

    int done() {
        return done.size();
    }

    int failed() {
        return failed.size();
    }

    /** Records of a part that is under way. */
    Map<Integer, OpenPart> open() {
        return open;
    }

    /** From which offset on a partition of the sink is read; null where it was not seen yet. */
    @Nullable
    Long offset(int partition) {
        return offsets.get(partition);
    }

    void offset(int partition, long next) {
        offsets.put(partition, next);
    }

    /** The output grew. */
    void wrote(long more, int moreRecords) {
        bytes += more;
        records += moreRecords;
    }

    /** Whether a frame of a part is wanted, or was taken before. */
    boolean wants(int part, int round, int frame) {
        if (done.has(part)) {
            return false;
        }
        OpenPart known = open.get(part);
        return known == null || round > known.round || (round == known.round && frame >= known.frame);
    }

    /** A frame was taken. */
    void took(int part, int round, int frame, int moreRecords) {
        OpenPart known = open.get(part);
        if (known == null) {
            lost += round == 0 ? frame : 0;
        } else if (known.round == round && frame > known.frame) {
            lost += frame - known.frame;
        }
        failed.remove(part);
        open.put(part, new OpenPart(round, frame + 1, (known == null ? 0 : known.records) + moreRecords));
    }

    /** The part's last frame came. */
    void ended(int part, boolean well) {
        if (well) {
            done.add(part);
            open.remove(part);
        } else {
            failed.add(part);
        }
    }

    /** Replaces the file. */
    void save() {
        ObjectNode node = Json.object()
                .put("version", VERSION)
                .put("job_id", jobId)
                .put("job", new String(JOBS.encode("", job, Format.JSON), StandardCharsets.UTF_8))
                .put("bytes", bytes)
                .put("records", records)
                .put("lost_frames", lost)
                .put("done", done.toString())
                .put("failed", failed.toString());
        ObjectNode from = node.putObject("offsets");
        offsets.forEach((partition, offset) -> from.put(partition.toString(), offset));
        ObjectNode parts = node.putObject("open");
        open.forEach((part, place) -> parts.putObject(part.toString())
                .put("round", place.round)
                .put("frame", place.frame)
                .put("records", place.records));
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer text = StandardCharsets.UTF_8.encode(node + "\n");
            while (text.hasRemaining()) {
                channel.write(text);
            }
            channel.force(true);
        } catch (IOException e) {
            throw CliException.usage(
                    "the place of the fetch, " + next + ", cannot be written: " + e, "Make room, and run it again.", e);
        }
        try {
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw CliException.usage(
                    "the place of the fetch, " + file + ", cannot be replaced: " + e, "Check the directory.", e);
        }
    }

    /** The fetch is over for good. */
    void forget() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw CliException.usage(file + " cannot be removed: " + e, "Remove it.", e);
        }
    }
}
