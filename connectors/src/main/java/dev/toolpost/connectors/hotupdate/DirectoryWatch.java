package dev.toolpost.connectors.hotupdate;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorException;
import dev.toolpost.connectors.ConnectorFiles;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.ConnectorText;
import dev.toolpost.connectors.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at directories of connectors again and again, which works on every file system, mounted ones included. A file counts when it has been
 * quiet for a moment, so that one that is being written is not read in half; it is gone when it has been missing for a moment, so that an
 * editor may replace it. Not thread-safe.
 */
final class DirectoryWatch {
    private static final Logger log = LoggerFactory.getLogger(DirectoryWatch.class);

    /** How long a file has to be as it is. */
    static final Duration QUIET = Duration.ofSeconds(1);

    /** What was refused for a reason outside of the file is tried again this often. */
    static final Duration AGAIN = Duration.ofSeconds(10);

    private final List<Path> directories;
    private final LiveCatalogue live;
    private final PoolCheck pools;
    private final LongSupplier nanoTime;
    private final ConnectorLoader loader = new ConnectorLoader();
    private final Map<Source, Seen> files = new HashMap<>();

    DirectoryWatch(List<Path> directories, LiveCatalogue live, PoolCheck pools, LongSupplier nanoTime) {
        this.directories = List.copyOf(directories);
        this.live = live;
        this.pools = pools;
        this.nanoTime = nanoTime;
        live.files().forEach(source -> files.put(source, new Seen()));
    }

    /** What tells one state of a file from another. */
    private record Look(
            FileTime modified, long size, @Nullable Object key) {
        static @Nullable Look at(Path file) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return new Look(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
            } catch (IOException gone) {
                return null;
            }
        }
    }

    /** A file as it was seen last. */
    private static final class Seen {
        @Nullable
        Look look;

        long sinceNanos;

        /** The state that was read. */
        @Nullable
        Look read;

        /** When to read it again although it has not changed; 0 for never. */
        long againAtNanos;

        boolean missing;
    }

    /** Says what was refused before the first look. */
    void tellRefused() {
        for (ConnectorsStatus.Refusal refusal : live.refusedFiles()) {
            log.error(
                    "{} is refused; everything else is served.\n{}",
                    refusal.source(),
                    String.join("\n", refusal.problems()));
        }
    }

    /** Looks once at everything. */
    void scan() throws InterruptedException {
        Set<Source> found = new HashSet<>();
        for (int i = 0; i < directories.size(); i++) {
            int layer = i;
            Path directory = directories.get(i);
            Source whole = Source.file(i, directory);
            List<Path> now;
            try {
                now = ConnectorFiles.in(directory);
                live.pardon(whole);
            } catch (IOException unreadable) {
                refuse(whole, List.of("the directory cannot be read, what was read before stays: " + unreadable));
                files.keySet().stream()
                        .filter(source -> source.layer() == layer)
                        .forEach(found::add);
                continue;
            }
            for (Path file : now) {
                Source source = Source.file(i, file);
                found.add(source);
                look(source, file);
            }
        }
        for (Source source : List.copyOf(files.keySet())) {
            if (!found.contains(source)) {
                missing(source);
            }
        }
    }

    private void look(Source source, Path file) throws InterruptedException {
        Seen seen = files.computeIfAbsent(source, absent -> new Seen());
        Look look = Look.at(file);
        if (look == null) {
            return;
        }
        long now = nanoTime.getAsLong();
        seen.missing = false;
        if (!look.equals(seen.look)) {
            seen.look = look;
            seen.sinceNanos = now;
            return;
        }
        boolean changed = !look.equals(seen.read) && now - seen.sinceNanos >= QUIET.toNanos();
        boolean again = seen.againAtNanos != 0 && now - seen.againAtNanos >= 0;
        if (changed || again) {
            try {
                read(source, file, seen, look);
            } catch (RuntimeException | Error broken) {
                // Whatever a file does, the others are still watched.
                settled(seen, look, false);
                log.error("{} cannot be checked; what is in force stays", source, broken);
                live.refuse(source, List.of(LiveCatalogue.uncheckable(source, broken)));
            }
        }
    }

    private void read(Source source, Path file, Seen seen, Look look) throws InterruptedException {
        String text;
        try {
            text = ConnectorText.read(file);
        } catch (ConnectorException noText) {
            settled(seen, look, false);
            refuse(source, LiveCatalogue.texts(noText.problems()));
            return;
        } catch (IOException unreadable) {
            settled(seen, look, true);
            refuse(source, List.of(file + " cannot be read: " + unreadable));
            return;
        }
        if (!look.equals(Look.at(file))) {
            // It was written to meanwhile; the next look begins anew.
            seen.look = null;
            return;
        }
        if (live.holds(source, text)) {
            settled(seen, look, false);
            live.pardon(source);
            return;
        }
        ConnectorLoader.Reading reading = loader.read(file.toString(), text);
        Connector connector = reading.connector();
        if (connector == null) {
            settled(seen, look, false);
            refuse(source, LiveCatalogue.texts(reading.errors()));
            return;
        }
        String problem = live.rival(source, connector.vendor(), this::isThere);
        if (problem == null) {
            problem = pools.problem(connector.pool());
        }
        if (problem == null) {
            problem = live.take(source, text, connector);
        }
        settled(seen, look, problem != null);
        if (problem != null) {
            refuse(source, List.of(problem));
            return;
        }
        log.info("Connector {} is in force as {} says", connector.vendor(), file);
        reading.problems().stream().map(Problem::toString).forEach(log::warn);
    }

    private void settled(Seen seen, Look look, boolean again) {
        seen.read = look;
        seen.againAtNanos = again ? nanoTime.getAsLong() + AGAIN.toNanos() | 1 : 0;
    }

    /** A file that was renamed is no rival of its new name. */
    private boolean isThere(Source source) {
        Seen seen = files.get(source);
        return seen == null || !seen.missing;
    }

    private void missing(Source source) {
        Seen seen = files.computeIfAbsent(source, absent -> new Seen());
        long now = nanoTime.getAsLong();
        if (!seen.missing) {
            seen.missing = true;
            seen.sinceNanos = now;
            seen.look = null;
            return;
        }
        if (now - seen.sinceNanos < QUIET.toNanos()) {
            return;
        }
        boolean had = live.of(source) != null;
        String problem = live.drop(source);
        if (problem != null) {
            refuse(source, List.of("it was removed, and stays in force: " + problem));
            return;
        }
        files.remove(source);
        // What the file stood in the way of waits no longer.
        files.values().stream().filter(each -> each.againAtNanos != 0).forEach(each -> each.againAtNanos = now | 1);
        if (had) {
            log.info("{} is gone, and its connector with it", source);
        }
    }

    private void refuse(Source source, List<String> problems) {
        if (live.refuse(source, problems)) {
            String stays = live.of(source) == null ? "" : " The definition before it stays in force.";
            log.error("{} is refused.{}\n{}", source, stays, String.join("\n", problems));
        }
    }
}
