package dev.toolpost.worker.classify;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/**
 * The records of a page, each as the JSON text that came, without a tree being built: numbers keep their digits, unknown fields
 * stay. Immutable; the bytes given are not copied.
 */
public final class PageRecords {

    private final byte[] utf8;
    private final int[] starts;
    private final int[] ends;

    private PageRecords(byte[] utf8, int[] starts, int[] ends) {
        this.utf8 = utf8;
        this.starts = starts;
        this.ends = ends;
    }

    /**
     * The records of a body that was classified as a success.
     *
     * @param list where the list is; nothing or null there is a page without records
     */
    public static PageRecords of(byte[] utf8, JsonPointer list) {
        Collector found = new Collector(utf8);
        try {
            found.value(list);
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a page that is not JSON (expected: one that was classified)", e);
        }
        return new PageRecords(utf8, Arrays.copyOf(found.starts, found.count), Arrays.copyOf(found.ends, found.count));
    }

    /** Records that exist each for itself, such as mapped ones. */
    public static PageRecords of(List<byte[]> records) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int[] starts = new int[records.size()];
        int[] ends = new int[records.size()];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = all.size();
            all.writeBytes(records.get(i));
            ends[i] = all.size();
        }
        return new PageRecords(all.toByteArray(), starts, ends);
    }

    public int size() {
        return starts.length;
    }

    public boolean isEmpty() {
        return starts.length == 0;
    }

    /** The records from one index up to, not including, another. */
    public PageRecords part(int from, int to) {
        return new PageRecords(utf8, Arrays.copyOfRange(starts, from, to), Arrays.copyOfRange(ends, from, to));
    }

    /** One record's JSON text. */
    public byte[] record(int index) {
        return Arrays.copyOfRange(utf8, starts[index], ends[index]);
    }

    /** All as one JSON array. */
    public String array() {
        int size = 2 + Math.max(0, starts.length - 1);
        for (int i = 0; i < starts.length; i++) {
            size += ends[i] - starts[i];
        }
        byte[] json = new byte[size];
        int at = 0;
        json[at++] = '[';
        for (int i = 0; i < starts.length; i++) {
            if (i > 0) {
                json[at++] = ',';
            }
            System.arraycopy(utf8, starts[i], json, at, ends[i] - starts[i]);
            at += ends[i] - starts[i];
        }
        json[at] = ']';
        return new String(json, StandardCharsets.UTF_8);
    }

    /** The page's whole text without its first records; what surrounds the list stays as it came. */
    public static byte[] without(byte[] utf8, JsonPointer list, int first) {
        return without(utf8, list, index -> index < first);
    }

    /** The page's whole text without some of its records; what surrounds the list stays as it came. */
    static byte[] without(byte[] utf8, JsonPointer list, IntPredicate leftOut) {
        PageRecords records = of(utf8, list);
        int[] kept = IntStream.range(0, records.size()).filter(leftOut.negate()).toArray();
        if (kept.length == records.size()) {
            return utf8;
        }
        int from = records.starts[0];
        int to = records.ends[records.size() - 1];
        String inside = records.of(kept).array();
        ByteArrayOutputStream rest = new ByteArrayOutputStream(utf8.length);
        rest.write(utf8, 0, from);
        rest.writeBytes(inside.substring(1, inside.length() - 1).getBytes(StandardCharsets.UTF_8));
        rest.write(utf8, to, utf8.length - to);
        return rest.toByteArray();
    }

    private PageRecords of(int[] indexes) {
        int[] from = new int[indexes.length];
        int[] to = new int[indexes.length];
        for (int i = 0; i < indexes.length; i++) {
            from[i] = starts[indexes[i]];
            to[i] = ends[indexes[i]];
        }
        return new PageRecords(utf8, from, to);
    }

    private static final class Collector {
        private final JsonSteps steps;
        private int[] starts = new int[128];
        private int[] ends = new int[128];
        private int count;

        Collector(byte[] utf8) {
            this.steps = new JsonSteps(utf8);
        }

        /** Walks the next value; the pointer is what is left of it from here. */
        void value(JsonPointer list) {
            byte first = steps.peek();
            if (list.matches() && first == '[') {
                records();
            } else if (!list.matches() && first == '{') {
                members(list);
            } else if (!list.matches() && first == '[') {
                elements(list);
            } else {
                steps.value();
            }
        }

        private void members(JsonPointer list) {
            steps.next();
            while (steps.peek() != '}') {
                below(list.matchProperty(steps.name()));
                comma();
            }
            steps.next();
        }

        private void elements(JsonPointer list) {
            steps.next();
            for (int index = 0; steps.peek() != ']'; index++) {
                below(list.matchElement(index));
                comma();
            }
            steps.next();
        }

        private void below(@Nullable JsonPointer list) {
            if (list == null) {
                steps.value();
            } else {
                value(list);
            }
        }

        private void comma() {
            if (steps.peek() == ',') {
                steps.next();
            }
        }

        private void records() {
            steps.next();
            while (steps.peek() != ']') {
                if (count == starts.length) {
                    starts = Arrays.copyOf(starts, count * 2);
                    ends = Arrays.copyOf(ends, count * 2);
                }
                starts[count] = steps.at();
                steps.value();
                ends[count++] = steps.at();
                comma();
            }
            steps.next();
        }
    }
}
