package dev.toolpost.worker.ratelimit;

import static dev.toolpost.worker.ratelimit.Simulation.MILLISECOND;
import static dev.toolpost.worker.ratelimit.Simulation.SECOND;

import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Limit.Kind;
import dev.toolpost.connectors.Limit.Scope;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.Chart.Point;
import dev.toolpost.worker.ratelimit.Simulation.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The images of {@code docs/rate-limits.md}, drawn from the simulation that proves the limits. Everything follows from seeds. */
final class LimitPlots {

    private static final String TOOL = "vendor_tool";
    private static final String OURS = "#06c";
    private static final String OTHER = "#e80";
    private static final String GREY = "#888";

    private LimitPlots() {}

    /** SVG text by the name of its file. */
    static Map<String, String> all() {
        Map<String, String> images = new LinkedHashMap<>();
        images.put("limits-sliding.svg", sliding());
        images.put("limits-fixed.svg", fixed());
        images.put("limits-token.svg", token());
        images.put("limits-concurrent.svg", concurrent());
        images.put("limits-utilisation.svg", utilisation());
        return images;
    }

    /** A simulation whose arrivals are kept. */
    private record Run(Simulation simulation, Arrivals arrivals) {

        static Run of(long seed, Limit limit, VendorOf vendor, World world) {
            long[] from = {0};
            Arrivals[] kept = {null};
            VendorModel later = new VendorModel() {
                @Override
                public boolean arrives(long nanos, int cost) {
                    return kept[0].arrives(nanos, cost);
                }

                @Override
                public @Nullable LimitFeedback says(long nanos) {
                    return kept[0].says(nanos);
                }

                @Override
                public void done(int cost) {
                    kept[0].done(cost);
                }
            };
            Simulation simulation = new Simulation(seed, List.of(limit), later, world, 0);
            from[0] = simulation.time.getAsLong();
            kept[0] = new Arrivals(vendor.startingAt(from[0]));
            kept[0].begin(simulation.time);
            return new Run(simulation, kept[0]);
        }

        /** So many calls at once, at that second. */
        Run burst(double second, int calls) {
            simulation.time.after(Math.round(second * SECOND), () -> {
                for (int i = 0; i < calls; i++) {
                    simulation.call(TOOL, Lane.INTERACTIVE);
                }
            });
            return this;
        }

        Run until(int seconds) {
            simulation.runFor(seconds * SECOND);
            return this;
        }

        /** The arrivals, where none was rejected. */
        Arrivals unharmed() {
            if (arrivals.rejected > 0) {
                throw new IllegalStateException("rejected: " + arrivals.rejected + " (expected: 0)");
            }
            return arrivals;
        }
    }

    private interface VendorOf {
        VendorModel startingAt(long nanos);
    }

    private static String sliding() {
        int permits = 100;
        long window = 10 * SECOND;
        World world = new World(80 * MILLISECOND, 300 * MILLISECOND, 0, 0);
        VendorOf vendor = from -> VendorModel.sliding(permits, window);
        Arrivals ours = bursts(Run.of(1, limit(Kind.SLIDING, permits, window), vendor, world))
                .until(80)
                .unharmed();
        Run naive = bursts(Run.of(1, limit(Kind.TOKEN, permits, window), vendor, world))
                .until(80);
        return new Chart(
                        "Strict sliding window of 100 in 10 s: bursts after idleness",
                        "seconds",
                        80,
                        "requests that arrived in the last 10 s",
                        225)
                .bound("the vendor's limit", permits)
                .steps(
                        "a bucket of 100, refilled at 10/s: " + naive.arrivals().rejected + " rejected",
                        OTHER,
                        naive.arrivals().inWindow(window))
                .steps("Toolpost, kind sliding: 0 rejected", OURS, ours.inWindow(window))
                .svg();
    }

    private static Run bursts(Run run) {
        return run.burst(2, 260).burst(46, 180);
    }

    private static String fixed() {
        int permits = 100;
        long window = 10 * SECOND;
        World world = new World(80 * MILLISECOND, 300 * MILLISECOND, 0, 0);
        Arrivals told = windows(Run.of(
                        2,
                        limit(Kind.FIXED, permits, window),
                        from -> VendorModel.telling("limit", permits, window, from),
                        world))
                .unharmed();
        Arrivals untold = windows(Run.of(
                        2,
                        limit(Kind.FIXED, permits, window),
                        from -> VendorModel.fixedToTheClock(permits, window, from),
                        world))
                .unharmed();
        return new Chart(
                        "Fixed windows of 100 in 10 s: bursts of 80 in each of the vendor's windows",
                        "seconds",
                        80,
                        "requests that arrived in the vendor's window",
                        125)
                .bound("the vendor's limit", permits)
                .steps("its answers say nothing of windows: 0 rejected", OTHER, untold.inFixedWindow(window))
                .steps("its answers say when the window ends: 0 rejected", OURS, told.inFixedWindow(window))
                .svg();
    }

    private static Run windows(Run run) {
        return run.burst(8, 80)
                .burst(10.5, 80)
                .burst(27, 80)
                .burst(31, 80)
                .burst(46.5, 80)
                .burst(50.4, 80)
                .until(80);
    }

    private static String token() {
        int permits = 40;
        long window = 20 * SECOND;
        Run run = Run.of(
                3,
                limit(Kind.TOKEN, permits, window),
                from -> VendorModel.tokens(permits, window),
                new World(400 * MILLISECOND, 800 * MILLISECOND, 0, 0));
        List<Point> free = new ArrayList<>();
        for (int tenth = 0; tenth <= 800; tenth++) {
            double second = tenth / 10.0;
            run.simulation()
                    .time
                    .after(
                            Math.round(second * SECOND),
                            () -> run.simulation()
                                    .limiter()
                                    .view()
                                    .bandwidths()
                                    .forEach(bandwidth -> free.add(new Point(second, bandwidth.free()))));
        }
        Arrivals ours = run.burst(2, 25)
                .burst(14, 60)
                .burst(44, 30)
                .burst(56, 50)
                .until(80)
                .unharmed();
        return new Chart("Token bucket of 40, 2 a second: bursts and latency", "seconds", 80, "tokens", 50)
                .line("tokens left at the vendor: never below 0", OURS, ours.level(permits, window, 80 * SECOND))
                .steps("permits free here", OTHER, free)
                .svg();
    }

    private static String concurrent() {
        int permits = 12;
        Arrivals ours = Run.of(
                        4,
                        limit(Kind.CONCURRENT, permits, 0),
                        from -> VendorModel.concurrent(permits),
                        new World(100 * MILLISECOND, 900 * MILLISECOND, 0, 0.01))
                .burst(1, 150)
                .burst(12, 5)
                .burst(14, 60)
                .until(20)
                .unharmed();
        return new Chart(
                        "At most 12 at once: jitter and unanswered requests",
                        "seconds",
                        20,
                        "under way at the vendor",
                        15)
                .bound("the vendor's limit", permits)
                .steps("Toolpost, kind concurrent: 0 rejected", OURS, ours.underWay())
                .svg();
    }

    private static String utilisation() {
        int permits = 100;
        long window = 10 * SECOND;
        List<Point> possible = new ArrayList<>();
        for (int percent = 0; percent <= 50; percent += 2) {
            possible.add(new Point(percent, 100 / (1 + percent / 100.0)));
        }
        List<Point> sliding = new ArrayList<>();
        List<Point> token = new ArrayList<>();
        for (int latency : new int[] {0, 500, 1_000, 2_000, 4_000, 6_000, 8_000, 10_000}) {
            World world = new World(latency * MILLISECOND, latency * MILLISECOND, 0, 0);
            sliding.add(saturated(
                    Run.of(
                            5,
                            limit(Kind.SLIDING, permits, window),
                            from -> VendorModel.sliding(permits, window),
                            world),
                    permits,
                    window));
            token.add(saturated(
                    Run.of(5, limit(Kind.TOKEN, permits, window), from -> VendorModel.tokens(permits, window), world),
                    permits,
                    window));
        }
        return new Chart(
                        "Utilisation by latency, always more calls than fit; nothing rejected",
                        "mean time from a permit to the end of its request, percent of the window",
                        56,
                        "percent of the allowance",
                        100)
                .line("window / (window + latency)", GREY, possible)
                .dots("sliding", OURS, sliding)
                .dots("token bucket", OTHER, token)
                .svg();
    }

    private static Point saturated(Run run, int permits, long window) {
        Simulation simulation = run.simulation();
        run.burst(0, permits * 50);
        simulation.runFor(5 * window);
        simulation.count();
        simulation.runFor(40 * window);
        run.unharmed();
        return new Point(100.0 * simulation.meanHoldNanos() / window, 100 * simulation.utilisation(permits, window));
    }

    private static Limit limit(Kind kind, int permits, long windowNanos) {
        return new Limit(
                "limit",
                Scope.CONNECTION,
                kind,
                permits,
                kind == Kind.CONCURRENT ? null : Duration.ofNanos(windowNanos),
                Set.of(),
                Set.of(),
                null,
                0);
    }
}
