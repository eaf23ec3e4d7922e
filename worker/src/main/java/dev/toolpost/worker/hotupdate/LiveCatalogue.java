package dev.toolpost.worker.hotupdate;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ConnectorException;
import dev.toolpost.connectors.ConnectorFiles;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.ConnectorSource;
import dev.toolpost.connectors.Problem;
import dev.toolpost.worker.hotupdate.ConnectorsStatus.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The connectors that come with Toolpost, those of files above them and the published ones above all, as they are now. A definition takes
 * effect as a whole or not at all: what is refused leaves in force what was there before. Thread-safe.
 */
public final class LiveCatalogue implements ConnectorSource {
    /** Whoever may write to the topic can have as many refused as he likes. */
    private static final int MOST_REFUSALS = 100;

    private final List<Connector> bundled;
    private final Set<String> disabled;
    private final InstantSource clock;

    private final TreeMap<Source, Definition> taken = new TreeMap<>();
    private final TreeMap<Source, Refusal> refusals = new TreeMap<>();
    private final SortedMap<String, Long> published = new TreeMap<>();
    private long changes;
    private long refused;
    private volatile ConnectorCatalogue current;

    private record Definition(String text, Connector connector) {}

    private LiveCatalogue(List<Connector> bundled, Collection<String> disabled, InstantSource clock) {
        this.bundled = List.copyOf(bundled);
        this.disabled = Set.copyOf(disabled);
        this.clock = clock;
        this.current = composed(taken);
    }

    /** What comes with Toolpost and nothing else yet. */
    static LiveCatalogue bundled(Collection<String> disabled, InstantSource clock) {
        return new LiveCatalogue(
                List.copyOf(ConnectorCatalogue.bundled().connectors().values()), disabled, clock);
    }

    /**
     * What comes with Toolpost, and the files of these directories. At the start nothing can stay in force instead, so that a broken
     * file is an error.
     *
     * @param disabled vendors whose tools are not offered
     * @throws ConnectorException where a definition cannot be used; it lists the problems of all files
     */
    public static LiveCatalogue load(List<Path> directories, Collection<String> disabled, InstantSource clock) {
        // Reads them all and says everything that is wrong with any.
        ConnectorCatalogue.load(directories);
        LiveCatalogue live = bundled(disabled, clock);
        ConnectorLoader loader = new ConnectorLoader();
        for (int i = 0; i < directories.size(); i++) {
            try {
                for (Path file : ConnectorFiles.in(directories.get(i))) {
                    String text = Files.readString(file);
                    live.taken.put(Source.file(i, file), new Definition(text, loader.load(file.toString(), text)));
                }
            } catch (IOException changedMeanwhile) {
                // The watch says so.
            }
        }
        live.current = live.composed(live.taken);
        return live;
    }

    @Override
    public ConnectorCatalogue current() {
        return current;
    }

    /** Whether this very text is in force from this source. */
    synchronized boolean holds(Source source, String text) {
        Definition definition = taken.get(source);
        return definition != null && definition.text.equals(text);
    }

    /** The sources that have a definition in force. */
    synchronized List<Source> sources() {
        return List.copyOf(taken.keySet());
    }

    /** The definition of a source in force, or null. */
    synchronized @Nullable Connector of(Source source) {
        Definition definition = taken.get(source);
        return definition == null ? null : definition.connector;
    }

    /** The vendor's definition without what was published, or null. */
    synchronized @Nullable Connector unpublished(String vendor) {
        Connector known = null;
        for (Connector each : bundled) {
            known = each.vendor().equals(vendor) ? each : known;
        }
        for (Map.Entry<Source, Definition> each : taken.entrySet()) {
            Connector connector = each.getValue().connector;
            known = !each.getKey().isPublished() && connector.vendor().equals(vendor) ? connector : known;
        }
        return known;
    }

    /**
     * Puts a definition in force, in place of what this source had.
     *
     * @return why it cannot be, or null where it is
     */
    synchronized @Nullable String take(Source source, String text, Connector connector) {
        TreeMap<Source, Definition> next = new TreeMap<>(taken);
        next.put(source, new Definition(text, connector));
        return change(source, next);
    }

    /**
     * Takes away what a source had.
     *
     * @return why it cannot be, or null where it is gone
     */
    synchronized @Nullable String drop(Source source) {
        refusals.remove(source);
        if (!taken.containsKey(source)) {
            return null;
        }
        TreeMap<Source, Definition> next = new TreeMap<>(taken);
        next.remove(source);
        return change(source, next);
    }

    private @Nullable String change(Source source, SortedMap<Source, Definition> next) {
        ConnectorCatalogue catalogue;
        try {
            catalogue = composed(next);
        } catch (IllegalArgumentException clash) {
            return clash.getMessage();
        }
        for (Connector changed : catalogue.connectors().values()) {
            Connector known = current().byVendor(changed.vendor());
            if (known != null && !known.pool().equals(changed.pool())) {
                // Journal and buckets of a write under way are those of its pool.
                return "it moves vendor " + changed.vendor() + " from pool " + known.pool() + " to " + changed.pool()
                        + " (expected: the same pool; a pool is changed with the workers stopped and its calls done)";
            }
        }
        taken.clear();
        taken.putAll(next);
        refusals.remove(source);
        changes++;
        current = catalogue;
        return null;
    }

    /**
     * Remembers that a source's definition is not used.
     *
     * @return whether that is news
     */
    synchronized boolean refuse(Source source, List<String> problems) {
        Refusal before = refusals.get(source);
        if (before != null && before.problems().equals(problems)) {
            return false;
        }
        if (refusals.size() >= MOST_REFUSALS && before == null) {
            refusals.pollFirstEntry();
        }
        refusals.put(source, new Refusal(source.toString(), List.copyOf(problems), clock.instant()));
        refused++;
        return true;
    }

    /** Forgets that a source was refused. */
    synchronized void pardon(Source source) {
        refusals.remove(source);
    }

    /** Remembers the version of a published definition, or with null that there is none. */
    synchronized void published(String vendor, @Nullable Long version) {
        if (version == null) {
            published.remove(vendor);
        } else {
            published.put(vendor, version);
        }
    }

    /** How the connectors stand. */
    public synchronized ConnectorsStatus status() {
        ConnectorCatalogue now = current;
        return new ConnectorsStatus(
                now.connectors().size(),
                now.tools().size(),
                changes,
                refused,
                Map.copyOf(published),
                List.copyOf(refusals.values()));
    }

    private ConnectorCatalogue composed(SortedMap<Source, Definition> definitions) {
        List<Connector> all = new ArrayList<>(bundled);
        definitions.values().forEach(definition -> all.add(definition.connector));
        return ConnectorCatalogue.of(
                all.stream().filter(each -> !disabled.contains(each.vendor())).toList());
    }

    /** The problems of a definition as an operator reads them. */
    static List<String> texts(List<Problem> problems) {
        return problems.stream().map(Problem::toString).toList();
    }
}
