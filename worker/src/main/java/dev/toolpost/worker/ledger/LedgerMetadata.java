package dev.toolpost.worker.ledger;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The text that travels in the metadata of every offset commit: who committed, whether the shard was handed back in
 * order, and which offsets beyond the committed one are finished already.
 *
 * <p>Form: {@code tp1:<owner>:<c|u>:<finished>}. {@code finished} is Base64 (URL alphabet, no padding) of either
 * {@code 0} and alternating run lengths as variable-length integers (unfinished first, counted from the committed
 * offset), or {@code 1} and a bitmap; whichever is shorter.
 *
 * @param owner token of the ownership that committed; a new one for every assignment of a shard
 * @param clean whether the owner gave the shard back in order, its bucket states saved
 * @param finished finished offsets, relative to the committed offset
 */
public record LedgerMetadata(String owner, boolean clean, BitSet finished) {

    /** The most characters this class ever writes; the broker's default limit is 4,096. */
    public static final int BUDGET = 3_500;

    private static final String VERSION = "tp1";
    private static final byte RUNS = 0;
    private static final byte BITMAP = 1;

    /** Reads what {@link #encode} wrote; null where the text is empty or some other program's. */
    public static @Nullable LedgerMetadata parse(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String[] parts = text.split(":", -1);
        if (parts.length != 4 || !parts[0].equals(VERSION) || parts[1].isEmpty()) {
            return null;
        }
        try {
            return new LedgerMetadata(parts[1], parts[2].equals("c"), decode(parts[3]));
        } catch (IllegalArgumentException damaged) {
            return null;
        }
    }

    /** The text, cut to whole runs that fit {@link #BUDGET}: what is cut is executed again after a crash, never lost. */
    public String encode() {
        String head = VERSION + ":" + owner + ":" + (clean ? "c" : "u") + ":";
        int bytes = (BUDGET - head.length()) * 3 / 4;
        return head + Base64.getUrlEncoder().withoutPadding().encodeToString(encode(finished, bytes));
    }

    private static byte[] encode(BitSet finished, int limit) {
        if (finished.isEmpty()) {
            return new byte[0];
        }
        ByteBuffer runs = ByteBuffer.allocate(limit);
        runs.put(RUNS);
        int from = 0;
        boolean cut = false;
        while (true) {
            int start = finished.nextSetBit(from);
            if (start < 0) {
                break;
            }
            int end = finished.nextClearBit(start);
            if (runs.remaining() < 10) {
                cut = true;
                break;
            }
            putVarint(runs, start - from);
            putVarint(runs, end - start);
            from = end;
        }
        int bitmapBytes = 1 + (finished.length() + 7) / 8;
        if (bitmapBytes < runs.position() || (cut && bitmapBytes <= limit)) {
            byte[] bits = finished.toByteArray();
            return ByteBuffer.allocate(1 + bits.length).put(BITMAP).put(bits).array();
        }
        byte[] encoded = new byte[runs.position()];
        runs.flip().get(encoded);
        return encoded;
    }

    private static BitSet decode(String text) {
        BitSet finished = new BitSet();
        if (text.isEmpty()) {
            return finished;
        }
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
        if (bytes.get() == BITMAP) {
            return BitSet.valueOf(bytes);
        }
        int at = 0;
        while (bytes.hasRemaining()) {
            int start = Math.addExact(at, varint(bytes));
            int end = Math.addExact(start, varint(bytes));
            finished.set(start, end);
            at = end;
        }
        return finished;
    }

    private static void putVarint(ByteBuffer out, int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            out.put((byte) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    private static int varint(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; shift < 32; shift += 7) {
            if (!in.hasRemaining()) {
                throw new IllegalArgumentException("run length cut short");
            }
            byte next = in.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                if (value < 0) {
                    throw new IllegalArgumentException("run length " + value + " (expected: >= 0)");
                }
                return value;
            }
        }
        throw new IllegalArgumentException("run length of more than 32 bits");
    }
}
