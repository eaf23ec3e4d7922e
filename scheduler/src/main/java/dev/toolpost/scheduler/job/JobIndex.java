package dev.toolpost.scheduler.job;

import dev.toolpost.message.JobStatus;
import dev.toolpost.scheduler.job.state.JobState;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All jobs that have a status, newest first, by what lists are made of: nobody needs to read every status to find some. Written by the
 * thread that keeps the statuses. Thread-safe.
 */
final class JobIndex {

    /** Of a status that cannot be read here now. */
    static final String UNREAD = "";

    private final NavigableMap<Place, Line> lines = new ConcurrentSkipListMap<>();
    private final Map<String, Place> places = new ConcurrentHashMap<>();

    /**
     * A job.
     *
     * @param state as messages name it, or {@link #UNREAD}
     */
    record Line(String jobId, String state, @Nullable String tenant) {}

    private record Place(long submittedMillis, String jobId) implements Comparable<Place> {

        private static final Comparator<Place> NEWEST_FIRST =
                Comparator.comparingLong(Place::submittedMillis).reversed().thenComparing(Place::jobId);

        @Override
        public int compareTo(Place other) {
            return NEWEST_FIRST.compare(this, other);
        }
    }

    /** @param status null where it cannot be read */
    synchronized void put(String jobId, @Nullable JobStatus status) {
        Place place = new Place(status == null ? 0 : status.getSubmittedAt(), jobId);
        Line line =
                status == null ? new Line(jobId, UNREAD, null) : new Line(jobId, status.getState(), tenantOf(status));
        Place before = places.put(jobId, place);
        lines.put(place, line);
        if (before != null && !before.equals(place)) {
            lines.remove(before);
        }
    }

    synchronized void remove(String jobId) {
        Place place = places.remove(jobId);
        if (place != null) {
            lines.remove(place);
        }
    }

    synchronized void clear() {
        lines.clear();
        places.clear();
    }

    /** All, newest first. */
    Stream<Line> all() {
        return lines.values().stream();
    }

    /**
     * Those behind this one, newest first.
     *
     * @return null where that job is not there
     */
    @Nullable
    Stream<Line> behind(String jobId) {
        Place place = places.get(jobId);
        return place == null ? null : lines.tailMap(place, false).values().stream();
    }

    /** Jobs whose status could not be read when it came; they are the last. */
    Stream<String> unread() {
        return lines.descendingMap().values().stream()
                .takeWhile(line -> line.state.equals(UNREAD))
                .map(Line::jobId);
    }

    /** The status of one of these was read; what came meanwhile goes before it. */
    synchronized void found(String jobId, JobStatus status) {
        Place place = places.get(jobId);
        Line known = place == null ? null : lines.get(place);
        if (known != null && known.state.equals(UNREAD)) {
            put(jobId, status);
        }
    }

    long count(JobState state) {
        return all().filter(line -> line.state.equals(state.wireName())).count();
    }

    private static @Nullable String tenantOf(JobStatus status) {
        if (status.getJob() != null) {
            return status.getJob().getTenant();
        }
        return status.getCall() == null ? null : status.getCall().getTenant();
    }
}
