package dev.toolpost.worker.ratelimit;

import dev.toolpost.worker.ratelimit.Chart.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Keeps what arrives at a vendor, by the vendor's clock, for charts. */
final class Arrivals implements VendorModel {

    private static final double SECOND = 1e9;

    private final VendorModel vendor;
    private final List<Long> arrived = new ArrayList<>();
    private final List<Point> underWay = new ArrayList<>();
    private int now;
    private LongSupplier clock = () -> 0;
    private long from;
    int rejected;

    Arrivals(VendorModel vendor) {
        this.vendor = vendor;
    }

    /** What is charted begins now. */
    void begin(LongSupplier time) {
        clock = time;
        from = time.getAsLong();
    }

    @Override
    public boolean arrives(long nanos, int cost) {
        boolean fits = vendor.arrives(nanos, cost);
        rejected += fits ? 0 : 1;
        arrived.add(nanos - from);
        underWay.add(new Point((nanos - from) / SECOND, ++now));
        return fits;
    }

    @Override
    public @Nullable LimitFeedback says(long nanos) {
        return vendor.says(nanos);
    }

    @Override
    public void done(int cost) {
        vendor.done(cost);
        underWay.add(new Point((clock.getAsLong() - from) / SECOND, --now));
    }

    /** How many are under way at the vendor. */
    List<Point> underWay() {
        return thinned(underWay);
    }

    int size() {
        return arrived.size();
    }

    /** At each time, how many arrived in the stretch of this length before it. */
    List<Point> inWindow(long windowNanos) {
        record Change(long at, int by) {}
        List<Change> changes = new ArrayList<>();
        for (long at : arrived) {
            changes.add(new Change(at, 1));
            changes.add(new Change(at + windowNanos, -1));
        }
        changes.sort(Comparator.comparingLong(Change::at).thenComparingInt(Change::by));
        List<Point> points = new ArrayList<>(List.of(new Point(0, 0)));
        int count = 0;
        for (Change change : changes) {
            count += change.by;
            points.add(new Point(change.at / SECOND, count));
        }
        return thinned(points);
    }

    /** At each time, how many arrived in the vendor's window by then, which begins every window length. */
    List<Point> inFixedWindow(long windowNanos) {
        List<Point> points = new ArrayList<>(List.of(new Point(0, 0)));
        long window = 0;
        int count = 0;
        for (long at : arrived) {
            long current = Math.floorDiv(at, windowNanos);
            if (current != window) {
                points.add(new Point((window + 1) * windowNanos / SECOND, 0));
                count = 0;
                window = current;
            }
            points.add(new Point(at / SECOND, ++count));
        }
        points.add(new Point((window + 1) * windowNanos / SECOND, 0));
        return thinned(points);
    }

    /** The level of a bucket that was full at first and fills up evenly in one window. */
    List<Point> level(int permits, long windowNanos, long untilNanos) {
        List<Point> points = new ArrayList<>();
        double level = permits;
        long last = 0;
        points.add(new Point(0, level));
        for (long at : arrived) {
            level = fill(points, level, permits, windowNanos, last, at);
            points.add(new Point(at / SECOND, level));
            level--;
            points.add(new Point(at / SECOND, level));
            last = at;
        }
        level = fill(points, level, permits, windowNanos, last, untilNanos);
        points.add(new Point(untilNanos / SECOND, level));
        return points;
    }

    private static double fill(List<Point> points, double level, int permits, long windowNanos, long from, long to) {
        double filled = level + (double) permits * (to - from) / windowNanos;
        if (filled > permits && level < permits) {
            points.add(new Point((from + (permits - level) / permits * windowNanos) / SECOND, permits));
        }
        return Math.min(permits, filled);
    }

    /** The last value of each twentieth of a second: more nobody sees, and the largest. */
    private static List<Point> thinned(List<Point> points) {
        List<Point> thin = new ArrayList<>();
        Point largest = points.getFirst();
        Point last = points.getFirst();
        for (Point point : points) {
            if (Math.floor(point.x() * 20) != Math.floor(last.x() * 20)) {
                keep(thin, largest, last);
                largest = point;
            }
            largest = point.y() > largest.y() ? point : largest;
            last = point;
        }
        keep(thin, largest, last);
        return thin;
    }

    private static void keep(List<Point> thin, Point largest, Point last) {
        if (largest.x() < last.x() || largest.y() > last.y()) {
            thin.add(largest);
        }
        thin.add(last);
    }
}
