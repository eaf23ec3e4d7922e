package dev.toolpost.scheduler.job;

import dev.toolpost.scheduler.job.state.Alarm;
import dev.toolpost.scheduler.job.state.JobHead;
import dev.toolpost.scheduler.job.state.PartBook;
import dev.toolpost.scheduler.job.state.PartState;
import dev.toolpost.scheduler.job.state.Phase;
import dev.toolpost.scheduler.state.StoredJson;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of jobs: where each stands, what it was accepted as, its parts, which of them are in which phase, and when to look again. In
 * keys a zero byte follows the job's id, which holds none. Confined to a stream thread.
 */
final class JobStores {

    /** Store: everything, apart by the first byte of the key. One database and one changelog are cheaper than five. */
    static final String NAME = "jobs";

    /** Where jobs stand, by job. */
    private static final byte HEAD = 'h';

    /** What jobs were accepted as, by job. */
    private static final byte PLAN = 'p';

    /** What was submitted under the ids of jobs of which nothing else is kept, as long as their status is. */
    private static final byte ENDED = 'e';

    /** Parts, by job and number. */
    private static final byte PART = 's';

    /** Nothing, by job, phase and number. */
    private static final byte PHASE = 'i';

    /** Nothing, by time, job, alarm and part. */
    private static final byte ALARM = 'a';

    private static final byte[] NOTHING = {};
    private static final byte[] BEHIND_ALARMS = {ALARM + 1};

    /** Jobs whose {@link Lowest} is known at a time. */
    private static final int MOST_LOWEST = 500;

    private final KeyValueStore<byte[], byte[]> store;
    private final Map<String, Lowest> lowest = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Lowest> eldest) {
            return size() > MOST_LOWEST;
        }
    };

    private long earliest = Long.MIN_VALUE;

    /**
     * What a job was accepted as.
     *
     * @param command with everything settled, as JSON
     * @param format in which it was submitted, and people are told of it
     * @param digest of what was submitted
     */
    record Kept(String command, String vendor, String resumeTopic, String format, String digest) {}

    /**
     * What is kept of a job whose parts are not.
     *
     * @param digest of what was submitted
     */
    record Ended(String digest) {}

    /** An alarm that has come. */
    @SuppressWarnings("ArrayRecordComponent") // a key to delete by, never compared
    record Due(byte[] key, String jobId, Alarm alarm, int part) {}

    JobStores(ProcessorContext<?, ?> context) {
        this.store = context.getStateStore(NAME);
    }

    @Nullable
    JobHead head(String jobId) {
        byte[] value = store.get(id(HEAD, jobId));
        return value == null ? null : StoredJson.read(value, JobHead.class);
    }

    void head(String jobId, JobHead head) {
        store.put(id(HEAD, jobId), StoredJson.write(head));
    }

    @Nullable
    Kept plan(String jobId) {
        byte[] value = store.get(id(PLAN, jobId));
        return value == null ? null : StoredJson.read(value, Kept.class);
    }

    void plan(String jobId, Kept plan) {
        store.put(id(PLAN, jobId), StoredJson.write(plan));
    }

    /** What was submitted under the id of a job that was cleared; null where that is not known. */
    @Nullable
    String digestOfEnded(String jobId) {
        byte[] value = store.get(id(ENDED, jobId));
        return value == null ? null : StoredJson.read(value, Ended.class).digest();
    }

    /** Removes the last that is kept of a job. */
    void forget(String jobId) {
        store.delete(id(ENDED, jobId));
    }

    PartBook book(String jobId) {
        return new Book(jobId);
    }

    void wake(long atMillis, String jobId, Alarm alarm, int part) {
        byte[] id = jobId.getBytes(StandardCharsets.UTF_8);
        store.put(
                ByteBuffer.allocate(1 + Long.BYTES + id.length + 2 + Integer.BYTES)
                        .put(ALARM)
                        .putLong(atMillis)
                        .put(id)
                        .put((byte) 0)
                        .put((byte) alarm.code())
                        .putInt(part)
                        .array(),
                NOTHING);
        earliest = Math.min(earliest, atMillis);
    }

    /** What is due, oldest first; every one that is handed out is to be answered with {@link #silence}. */
    List<Due> due(long nowMillis, int most) {
        if (earliest > nowMillis) {
            return List.of();
        }
        List<Due> due = new ArrayList<>();
        // Past the tombstones of what was taken out.
        byte[] from = ByteBuffer.allocate(1 + Long.BYTES)
                .put(ALARM)
                .putLong(Math.max(0, earliest))
                .array();
        earliest = Long.MAX_VALUE;
        try (KeyValueIterator<byte[], byte[]> all = store.range(from, BEHIND_ALARMS)) {
            while (all.hasNext()) {
                byte[] key = all.next().key;
                ByteBuffer read = ByteBuffer.wrap(key);
                long at = read.getLong(1);
                if (at > nowMillis || due.size() >= most) {
                    earliest = at;
                    break;
                }
                byte[] id = new byte[key.length - 1 - Long.BYTES - 2 - Integer.BYTES];
                read.position(1 + Long.BYTES).get(id).get();
                due.add(new Due(
                        key, new String(id, StandardCharsets.UTF_8), Alarm.of((char) read.get()), read.getInt()));
            }
        }
        return due;
    }

    void silence(Due due) {
        store.delete(due.key);
    }

    /** Removes parts of a job, and at last the job but for its digest; false where some are left for another time. */
    boolean clear(String jobId, int most) {
        byte[] from = key(PART, jobId, new byte[Integer.BYTES]);
        byte[] to = key(PART, jobId, new byte[] {-1, -1, -1, -1});
        List<Integer> numbers = new ArrayList<>();
        try (KeyValueIterator<byte[], byte[]> all = store.range(from, to)) {
            while (all.hasNext() && numbers.size() < most) {
                numbers.add(number(all.next().key));
            }
        }
        for (int number : numbers) {
            byte[] key = key(jobId, number);
            byte[] value = store.get(key);
            PartState state = value == null ? PartState.NEW : StoredJson.read(value, PartState.class);
            if (isListed(state.phase())) {
                store.delete(phaseKey(jobId, state.phase(), number));
            }
            store.delete(key);
        }
        if (numbers.size() == most) {
            return false;
        }
        Kept plan = plan(jobId);
        if (plan != null) {
            store.put(id(ENDED, jobId), StoredJson.write(new Ended(plan.digest())));
        }
        store.delete(id(PLAN, jobId));
        store.delete(id(HEAD, jobId));
        lowest.remove(jobId);
        return true;
    }

    private static boolean isListed(@Nullable Phase phase) {
        return phase != null && phase != Phase.DONE && phase != Phase.CANCELLED;
    }

    private static byte[] id(byte kind, String jobId) {
        byte[] id = jobId.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + id.length).put(kind).put(id).array();
    }

    private static byte[] key(byte kind, String jobId, byte[] rest) {
        byte[] id = id(kind, jobId);
        byte[] key = Arrays.copyOf(id, id.length + 1 + rest.length);
        System.arraycopy(rest, 0, key, id.length + 1, rest.length);
        return key;
    }

    private static byte[] key(String jobId, int part) {
        return key(PART, jobId, ByteBuffer.allocate(Integer.BYTES).putInt(part).array());
    }

    private static byte[] phaseKey(String jobId, @Nullable Phase phase, int part) {
        return key(
                PHASE,
                jobId,
                ByteBuffer.allocate(1 + Integer.BYTES)
                        .put((byte) (phase == null ? 0 : phase.code()))
                        .putInt(part)
                        .array());
    }

    private static int number(byte[] key) {
        return ByteBuffer.wrap(key).getInt(key.length - Integer.BYTES);
    }

    /**
     * For each phase a number below which no part is in it. Parts that left it leave tombstones, and a scan that started at the first part
     * would walk over all of them every time.
     */
    private static final class Lowest {
        private final Map<Phase, Integer> numbers = new EnumMap<>(Phase.class);

        int of(Phase phase) {
            return numbers.getOrDefault(phase, 0);
        }

        void found(Phase phase, int number) {
            numbers.put(phase, number);
        }

        void added(Phase phase, int number) {
            numbers.computeIfPresent(phase, (_, known) -> Math.min(known, number));
        }
    }

    private Lowest lowest(String jobId) {
        return lowest.computeIfAbsent(jobId, _ -> new Lowest());
    }

    /** The parts of one job. */
    private final class Book implements PartBook {
        private final String jobId;

        Book(String jobId) {
            this.jobId = jobId;
        }

        @Override
        public PartState get(int part) {
            byte[] value = store.get(key(jobId, part));
            return value == null ? PartState.NEW : StoredJson.read(value, PartState.class);
        }

        @Override
        public void put(int part, PartState state) {
            Phase before = get(part).phase();
            if (before != state.phase()) {
                if (isListed(before)) {
                    store.delete(phaseKey(jobId, before, part));
                }
                Phase phase = state.phase();
                if (phase != null && isListed(phase)) {
                    store.put(phaseKey(jobId, phase, part), NOTHING);
                    lowest(jobId).added(phase, part);
                }
            }
            store.put(key(jobId, part), StoredJson.write(state));
        }

        @Override
        public List<Integer> in(Phase phase, int first, int most) {
            List<Integer> found = new ArrayList<>();
            Lowest known = lowest(jobId);
            int lowest = known.of(phase);
            try (KeyValueIterator<byte[], byte[]> all = store.range(
                    phaseKey(jobId, phase, Math.max(first, lowest)), phaseKey(jobId, phase, Integer.MAX_VALUE))) {
                while (found.size() < most && all.hasNext()) {
                    KeyValue<byte[], byte[]> entry = all.next();
                    found.add(number(entry.key));
                }
            }
            if (most > 0 && first <= lowest) {
                known.found(phase, found.isEmpty() ? Integer.MAX_VALUE : found.getFirst());
            }
            return found;
        }
    }
}
