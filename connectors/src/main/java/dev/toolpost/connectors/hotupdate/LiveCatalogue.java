package dev.toolpost.connectors.hotupdate;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ConnectorException;
import dev.toolpost.connectors.ConnectorFiles;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.ConnectorSource;
import dev.toolpost.connectors.ConnectorText;
import dev.toolpost.connectors.Problem;
import dev.toolpost.connectors.hotupdate.ConnectorsStatus.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
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
     * What comes with Toolpost, and the files of these directories. A file that cannot be used is left out and {@link #refusedFiles
     * remembered}: one broken definition takes no other vendor's tools away.
     *
     * @param disabled vendors whose tools are not offered
     * @throws ConnectorException where a directory cannot be read
     */
    public static LiveCatalogue load(List<Path> directories, Collection<String> disabled, InstantSource clock) {
        LiveCatalogue live = bundled(disabled, clock);
        ConnectorLoader loader = new ConnectorLoader();
        TreeMap<Source, Definition> usable = new TreeMap<>();
        for (int i = 0; i < directories.size(); i++) {
            for (Path file : ConnectorFiles.required(directories.get(i))) {
                live.read(Source.file(i, file), file, loader, usable);
            }
        }
        usable.forEach(live::begin);
        return live;
    }

    private void read(Source source, Path file, ConnectorLoader loader, Map<Source, Definition> usable) {
        try {
            String text = ConnectorText.read(file);
            Connector connector = loader.load(file.toString(), text);
            String rival = rival(source, connector.vendor(), usable);
            if (rival == null) {
                usable.put(source, new Definition(text, connector));
            } else {
                refuse(source, List.of(rival));
            }
        } catch (ConnectorException broken) {
            refuse(source, texts(broken.problems()));
        } catch (IOException unreadable) {
            refuse(source, List.of(file + " cannot be read: " + unreadable));
        } catch (RuntimeException | Error broken) {
            refuse(source, List.of(uncheckable(source, broken)));
        }
    }

    /** What is said of a definition whose check itself broke. */
    static String uncheckable(Source source, Throwable broken) {
        return source + " cannot be checked: " + broken
                + " (expected: a definition that is checked in bounded time and memory)";
    }

    private synchronized void begin(Source source, Definition definition) {
        taken.put(source, definition);
        try {
            current = composed(taken);
        } catch (IllegalArgumentException clash) {
            taken.remove(source);
            refuse(source, List.of(source + ": " + clash.getMessage()));
        }
    }

    /**
     * Why a file cannot define a vendor: another file of its directory does. Which of two counts would be a matter of their names.
     *
     * @return null where none does
     */
    synchronized @Nullable String rival(Source source, String vendor, Predicate<Source> isThere) {
        TreeMap<Source, Definition> others = new TreeMap<>(taken);
        others.keySet().removeIf(isThere.negate());
        return rival(source, vendor, others);
    }

    private static @Nullable String rival(Source source, String vendor, Map<Source, Definition> others) {
        for (Map.Entry<Source, Definition> each : others.entrySet()) {
            Source other = each.getKey();
            if (other.layer() == source.layer()
                    && !other.equals(source)
                    && each.getValue().connector().vendor().equals(vendor)) {
                return source + " defines the vendor " + vendor + ", and so does " + other
                        + " (expected: one file of a vendor in a directory; remove one of the two)";
            }
        }
        return null;
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

    /** The files that have a definition in force or refused. */
    synchronized Set<Source> files() {
        Set<Source> files = new HashSet<>(taken.keySet());
        files.addAll(refusals.keySet());
        files.removeIf(Source::isPublished);
        return files;
    }

    /** The definition of a source in force, or null. */
    synchronized @Nullable Connector of(Source source) {
        Definition definition = taken.get(source);
        return definition == null ? null : definition.connector;
    }

    /** The file that defines the vendor, where one does. */
    public synchronized @Nullable String fileOf(String vendor) {
        String file = null;
        for (Map.Entry<Source, Definition> each : taken.entrySet()) {
            boolean counts = !each.getKey().isPublished()
                    && each.getValue().connector.vendor().equals(vendor);
            file = counts ? each.getKey().name() : file;
        }
        return file;
    }

    /** The vendor's definition without what was published, or null. */
    public synchronized @Nullable Connector unpublished(String vendor) {
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

    /** Files that are not used now. */
    public synchronized List<Refusal> refusedFiles() {
        return refusals(source -> !source.isPublished());
    }

    /** Published definitions that are not used now. */
    public synchronized List<Refusal> refusedPublished() {
        return refusals(Source::isPublished);
    }

    private List<Refusal> refusals(Predicate<Source> which) {
        return refusals.entrySet().stream()
                .filter(each -> which.test(each.getKey()))
                .map(Map.Entry::getValue)
                .toList();
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
