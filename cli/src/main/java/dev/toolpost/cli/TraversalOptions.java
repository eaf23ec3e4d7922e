package dev.toolpost.cli;

import dev.toolpost.client.CallSpec;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code toolpost call} about results of many pages. */
final class TraversalOptions {
    /** How long a traversal may take that does not say it. */
    static final Duration TIMEOUT = Duration.ofHours(1);

    @Option(
            names = "--all",
            description = "Get every page, and print the records, one a line (NDJSON). Ctrl-C cancels the call.")
    private boolean all;

    @Option(names = "--max-records", paramLabel = "N", description = "With --all: stop after N records.")
    private @Nullable Long maxRecords;

    @Option(names = "--max-pages", paramLabel = "N", description = "With --all: stop after N pages.")
    private @Nullable Integer maxPages;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "Write the result into FILE: the vendor's bytes or text, or its JSON; with --all the records as they"
                            + " come. A FILE that is there already is left as it is, and the call is not made.")
    private @Nullable Path out;

    @Option(names = "--append", description = "With --all and --out: add to FILE.")
    private boolean append;

    @Option(names = "--quiet", description = "With --all: no progress and no summary; errors still.")
    private boolean quiet;

    boolean all() {
        return all;
    }

    boolean quiet() {
        return quiet;
    }

    @Nullable
    Long maxRecords() {
        return maxRecords;
    }

    /** Where the one result goes that is not printed; null where it is printed. */
    @Nullable
    Path out() {
        return out;
    }

    /** Where records go. */
    RecordOutput open(CommonOptions common) {
        if (out != null) {
            return RecordOutput.file(out, append);
        }
        return common.json() ? RecordOutput.frames(common.out()) : RecordOutput.lines(common.out());
    }

    /** @throws CliException where options are given that mean nothing together */
    void requireSense() {
        String needsAll = maxRecords != null
                ? "--max-records"
                : maxPages != null ? "--max-pages" : quiet ? "--quiet" : append && out != null ? "--append" : null;
        if (!all && needsAll != null) {
            throw CliException.usage(needsAll + " needs --all", "Add --all to get every page.");
        }
        if (append && out == null) {
            throw CliException.usage("--append needs --out FILE", "");
        }
    }

    /** @throws IllegalArgumentException where a bound is out of its range */
    void apply(CallSpec.Builder spec) {
        if (all) {
            spec.all();
        }
        if (maxRecords != null) {
            spec.maxRecords(maxRecords);
        }
        if (maxPages != null) {
            spec.maxPages(maxPages);
        }
    }
}
