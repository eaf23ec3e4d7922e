package dev.toolpost.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs one benchmark by its name. */
public final class Benchmarks {

    private interface Benchmark {
        void run(Options options) throws Exception;
    }

    private static final Map<String, Benchmark> ALL = new LinkedHashMap<>();

    static {
        ALL.put("throughput", Throughput::run);
        ALL.put("slow-calls", SlowCalls::run);
        ALL.put("utilisation", Utilisation::run);
        ALL.put("lowered", Lowered::run);
        ALL.put("flood", Flood::run);
        ALL.put("takeover", Takeover::run);
        ALL.put("traversal", Traversing::run);
        ALL.put("waiting", Waiting::run);
        ALL.put("scale-out", ScaleOut::run);
        ALL.put("start", Starting::run);
        ALL.put("deferrals", Deferring::run);
        ALL.put("killed-scheduler", KilledScheduler::run);
        ALL.put("standby", StandbyTakeover::run);
        ALL.put("jobs", LargeJob::run);
        ALL.put("profile", Profile::run);
    }

    private Benchmarks() {}

    /**
     * Runs to the end.
     *
     * @param args a benchmark's name, then its options
     */
    public static void main(String[] args) throws Exception {
        Benchmark benchmark = args.length == 0 ? null : ALL.get(args[0]);
        if (benchmark == null) {
            System.err.println("usage: benchmarks/run NAME [--quick|--full] [--option=value ...]\nNAME: "
                    + String.join(", ", ALL.keySet()));
            System.exit(2);
            return;
        }
        long from = System.nanoTime();
        try {
            Options options = Options.parse(List.of(args).subList(1, args.length));
            Machine.print(args[0], options);
            benchmark.run(options);
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage());
            System.exit(2);
        }
        System.out.printf("%n%s took %d s%n", args[0], (System.nanoTime() - from) / 1_000_000_000L);
    }
}
