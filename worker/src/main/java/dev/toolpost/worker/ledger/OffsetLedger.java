package dev.toolpost.worker.ledger;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Which records of one partition are finished, although calls finish out of order.
 *
 * <p>Committed is the offset of the oldest delivered record that is unfinished, or with none the consumer's position:
 * offsets are not dense (transaction markers, aborted records), so only delivered records count. Finished offsets
 * beyond it go into the commit's metadata ({@link LedgerMetadata}).
 *
 * <p>A record is <em>finished</em> for a commit that is being tried and <em>settled</em> by {@link #trim} once that
 * commit succeeded; until then {@link #reopen} takes it back. Thread-safe: delivered by the poll thread, finished and
 * trimmed by the committer.
 */
public final class OffsetLedger {

    private final BitSet finishedBefore;
    private final long finishedBeforeBase;

    /** Delivered offsets in ascending order from {@code head} (a ring of a power of two), and which are finished. */
    private long[] offsets = new long[64];

    private boolean[] finished = new boolean[64];
    private int head;
    private int size;
    private long position;
    private long committed;

    /**
     * @param start the offset from which the consumer reads: the committed one, or the partition's first
     * @param finishedBefore offsets, relative to {@code start}, that an earlier owner finished
     */
    public OffsetLedger(long start, BitSet finishedBefore) {
        this.position = start;
        this.committed = start;
        this.finishedBeforeBase = start;
        this.finishedBefore = finishedBefore;
    }

    /**
     * Takes note of a record that the consumer returned.
     *
     * @return false where an earlier owner finished it already, so that it must not be executed
     */
    public synchronized boolean deliver(long offset) {
        if (offset < position) {
            throw new IllegalStateException("offset " + offset + " delivered again (expected: >= " + position + ")");
        }
        position = offset + 1;
        long relative = offset - finishedBeforeBase;
        boolean done = relative <= Integer.MAX_VALUE && finishedBefore.get((int) relative);
        if (done && size == 0) {
            return false;
        }
        append(offset, done);
        return !done;
    }

    /** Tells where the consumer stands, past records that it never returns (markers, aborted ones). */
    public synchronized void advance(long consumerPosition) {
        position = Math.max(position, consumerPosition);
    }

    /** Marks a delivered record finished; again is harmless. */
    public synchronized void finish(long offset) {
        set(offset, true);
    }

    /** Takes back {@link #finish} for a record whose commit was given up. */
    public synchronized void reopen(long offset) {
        set(offset, false);
    }

    /** What a commit would say now. */
    public synchronized Snapshot snapshot() {
        int at = 0;
        while (at < size && finished[slot(at)]) {
            at++;
        }
        long base = at == size ? position : offsets[slot(at)];
        BitSet beyond = notYetDelivered(base);
        int runStart = -1;
        for (int i = at + 1; i < size; i++) {
            int relative = (int) (offsets[slot(i)] - base);
            if (finished[slot(i)]) {
                if (runStart < 0) {
                    runStart = relative;
                }
            } else if (runStart >= 0) {
                beyond.set(runStart, relative);
                runStart = -1;
            }
        }
        if (runStart >= 0) {
            beyond.set(runStart, (int) (offsets[slot(size - 1)] - base) + 1);
        }
        return new Snapshot(base, beyond);
    }

    /** What an earlier owner finished further on than this one has read: the next owner has to know it too. */
    private BitSet notYetDelivered(long base) {
        BitSet known = new BitSet();
        long from = position - finishedBeforeBase;
        if (from < finishedBefore.length()) {
            int shift = (int) (base - finishedBeforeBase);
            int start = finishedBefore.nextSetBit((int) from);
            while (start >= 0) {
                int end = finishedBefore.nextClearBit(start);
                known.set(start - shift, end - shift);
                start = finishedBefore.nextSetBit(end);
            }
        }
        return known;
    }

    /** Forgets the finished prefix after its commit succeeded. */
    public synchronized void trim(long committedOffset) {
        while (size > 0 && finished[head] && offsets[head] < committedOffset) {
            head = (head + 1) & (offsets.length - 1);
            size--;
        }
        committed = Math.max(committed, committedOffset);
    }

    /** Whether a commit now would move the committed offset. */
    public synchronized boolean behind() {
        return snapshotOffset() > committed;
    }

    /** Delivered records that are unfinished. */
    public synchronized int unfinished() {
        int count = 0;
        for (int i = 0; i < size; i++) {
            if (!finished[slot(i)]) {
                count++;
            }
        }
        return count;
    }

    /** The oldest unfinished offsets, at most {@code most}: those that hold the committed offset back. */
    public synchronized long[] prefix(int most) {
        long[] prefix = new long[Math.min(most, size)];
        int count = 0;
        for (int i = 0; i < size && count < prefix.length; i++) {
            if (!finished[slot(i)]) {
                prefix[count++] = offsets[slot(i)];
            }
        }
        return Arrays.copyOf(prefix, count);
    }

    private long snapshotOffset() {
        for (int i = 0; i < size; i++) {
            if (!finished[slot(i)]) {
                return offsets[slot(i)];
            }
        }
        return position;
    }

    private void append(long offset, boolean done) {
        if (size == offsets.length) {
            long[] moreOffsets = new long[size * 2];
            boolean[] moreFinished = new boolean[size * 2];
            for (int i = 0; i < size; i++) {
                moreOffsets[i] = offsets[slot(i)];
                moreFinished[i] = finished[slot(i)];
            }
            offsets = moreOffsets;
            finished = moreFinished;
            head = 0;
        }
        int slot = slot(size);
        offsets[slot] = offset;
        finished[slot] = done;
        size++;
    }

    private void set(long offset, boolean done) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long at = offsets[slot(middle)];
            if (at < offset) {
                low = middle + 1;
            } else if (at > offset) {
                high = middle - 1;
            } else {
                finished[slot(middle)] = done;
                return;
            }
        }
    }

    private int slot(int index) {
        return (head + index) & (offsets.length - 1);
    }

    /**
     * A commit's content.
     *
     * @param offset the offset to commit
     * @param finished offsets beyond it that are finished, relative to it; offsets that were never delivered count
     *     with their neighbours, since nothing asks for them
     */
    public record Snapshot(long offset, BitSet finished) {}
}
