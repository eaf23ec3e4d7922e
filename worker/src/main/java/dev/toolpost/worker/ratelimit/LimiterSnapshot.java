package dev.toolpost.worker.ratelimit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a limiter knows about spent permits, for its successor at another worker. All times are durations, counted from
 * the moment it was taken, because clocks of two machines have nothing in common. Immutable.
 *
 * @param pausedNanos how much longer everything is paused
 * @param limits names of all limits that were kept
 * @param bandwidths by id; a bandwidth of a kept limit that is missing here was never used
 */
public record LimiterSnapshot(long pausedNanos, Set<String> limits, Map<String, Spent> bandwidths) {

    private static final int FORMAT = 2;
    private static final int MOST_ENTRIES = 1_000_000;

    /**
     * What is spent of one bandwidth.
     *
     * @param pausedNanos how much longer it is paused
     * @param endsAtMillis when a daily window ends, since 1970; days are the one thing that clocks of two machines agree on
     */
    record Spent(
            Family family,
            int permits,
            long windowNanos,
            long tokens,
            int inFlight,
            List<Returning> returning,
            long pausedNanos,
            long endsAtMillis) {

        Spent {
            returning = List.copyOf(returning);
        }

        /** The same with so many more permits under way. */
        Spent andUnderWay(long more) {
            boolean countsTokens = family == Family.DAILY;
            return new Spent(
                    family,
                    permits,
                    windowNanos,
                    countsTokens ? tokens + more : tokens,
                    countsTokens ? inFlight : Math.toIntExact(inFlight + more),
                    returning,
                    pausedNanos,
                    endsAtMillis);
        }

        /** The same while everything is paused for so long. */
        Spent paused(long nanos) {
            return new Spent(
                    family,
                    permits,
                    windowNanos,
                    tokens,
                    inFlight,
                    returning,
                    Math.max(pausedNanos, nanos),
                    endsAtMillis);
        }

        /** What goes with some of all permits: of what still counts at any time from now on at least as much as they are of all. */
        Spent part(int some, int all) {
            long counts = inFlight;
            long underWay = part(counts, some, all);
            long given = underWay;
            List<Returning> parts = new ArrayList<>();
            for (Returning each : returning.reversed()) {
                counts += each.count();
                long more = part(counts, some, all) - given;
                if (more > 0) {
                    parts.add(new Returning(each.inNanos(), Math.toIntExact(more)));
                    given += more;
                }
            }
            return new Spent(
                    family,
                    permits,
                    windowNanos,
                    part(tokens, some, all),
                    Math.toIntExact(underWay),
                    parts.reversed(),
                    pausedNanos,
                    endsAtMillis);
        }

        private static long part(long count, int some, int all) {
            return some == 0 ? 0 : Math.ceilDiv(count * some, all);
        }

        /** The same after so many nanoseconds, counted from then. */
        Spent after(long nanos) {
            return new Spent(
                    family,
                    permits,
                    windowNanos,
                    tokens,
                    inFlight,
                    returning.stream()
                            .map(each -> new Returning(Math.max(0, each.inNanos() - nanos), each.count()))
                            .toList(),
                    Math.max(0, pausedNanos - nanos),
                    endsAtMillis);
        }
    }

    /** Permits that return after a duration. */
    record Returning(long inNanos, int count) {}

    /** How a bandwidth counts. */
    enum Family {
        SLIDING,
        TOKEN,
        CONCURRENT,
        DAILY
    }

    public LimiterSnapshot {
        limits = Set.copyOf(limits);
        bandwidths = Map.copyOf(bandwidths);
    }

    /** The same after so many nanoseconds, counted from then. */
    LimiterSnapshot after(long nanos) {
        Map<String, Spent> later = new HashMap<>();
        bandwidths.forEach((id, spent) -> later.put(id, spent.after(nanos)));
        return new LimiterSnapshot(Math.max(0, pausedNanos - nanos), limits, later);
    }

    byte[] encode() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeLong(pausedNanos);
            out.writeInt(limits.size());
            for (String limit : limits) {
                out.writeUTF(limit);
            }
            out.writeInt(bandwidths.size());
            for (var entry : bandwidths.entrySet()) {
                out.writeUTF(entry.getKey());
                write(out, entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads a snapshot.
     *
     * @throws IllegalArgumentException if these are not the bytes of a snapshot in a format known here
     */
    static LimiterSnapshot decode(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readUnsignedByte();
            if (format != FORMAT) {
                throw new IllegalArgumentException(
                        "format of the limiter's snapshot: " + format + " (expected: " + FORMAT + ")");
            }
            long pausedNanos = in.readLong();
            Set<String> limits = new HashSet<>();
            for (int left = readCount(in); left > 0; left--) {
                limits.add(in.readUTF());
            }
            Map<String, Spent> bandwidths = new HashMap<>();
            for (int left = readCount(in); left > 0; left--) {
                bandwidths.put(in.readUTF(), readSpent(in));
            }
            return new LimiterSnapshot(pausedNanos, limits, bandwidths);
        } catch (IOException e) {
            throw new IllegalArgumentException("The limiter's snapshot of " + bytes.length + " bytes is damaged", e);
        }
    }

    private static void write(DataOutputStream out, Spent spent) throws IOException {
        out.writeByte(code(spent.family()));
        out.writeInt(spent.permits());
        out.writeLong(spent.windowNanos());
        out.writeLong(spent.tokens());
        out.writeInt(spent.inFlight());
        out.writeInt(spent.returning().size());
        for (Returning each : spent.returning()) {
            out.writeLong(each.inNanos());
            out.writeInt(each.count());
        }
        out.writeLong(spent.pausedNanos());
        out.writeLong(spent.endsAtMillis());
    }

    private static Spent readSpent(DataInputStream in) throws IOException {
        Family family = family(in.readByte());
        int permits = in.readInt();
        long windowNanos = in.readLong();
        long tokens = in.readLong();
        int inFlight = in.readInt();
        Map<Long, Integer> returning = new LinkedHashMap<>();
        for (int left = readCount(in); left > 0; left--) {
            returning.merge(in.readLong(), in.readInt(), Integer::sum);
        }
        return new Spent(
                family,
                permits,
                windowNanos,
                tokens,
                inFlight,
                returning.entrySet().stream()
                        .map(entry -> new Returning(entry.getKey(), entry.getValue()))
                        .toList(),
                in.readLong(),
                in.readLong());
    }

    private static int readCount(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > MOST_ENTRIES) {
            throw new IOException("count: " + count + " (expected: 0 to " + MOST_ENTRIES + ")");
        }
        return count;
    }

    private static char code(Family family) {
        return switch (family) {
            case SLIDING -> 'S';
            case TOKEN -> 'T';
            case CONCURRENT -> 'C';
            case DAILY -> 'D';
        };
    }

    private static Family family(byte code) throws IOException {
        for (Family family : Family.values()) {
            if (code(family) == code) {
                return family;
            }
        }
        throw new IOException("kind of bandwidth: " + code + " (expected: S, T, C or D)");
    }
}
