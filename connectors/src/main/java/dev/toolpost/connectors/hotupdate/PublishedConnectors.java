package dev.toolpost.connectors.hotupdate;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorAddresses;
import dev.toolpost.connectors.ConnectorException;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.ConnectorText;
import dev.toolpost.connectors.signing.PublicKeys;
import dev.toolpost.connectors.signing.SignedRecord;
import dev.toolpost.connectors.signing.SignedRecord.Verified.Genuine;
import dev.toolpost.connectors.signing.SignedRecord.Verified.Refused;
import dev.toolpost.connectors.signing.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Decides which published definitions count: signed by a trusted key for this topic and vendor, newer than the vendor's last one, usable, and
 * leading requests and secrets only where the vendor's file or bundled definition leads them, unless what was signed says that its addresses are
 * meant. Earlier records have no say in that: compaction may have dropped them, and every worker has to decide alike, whenever it was started.
 * Whatever is refused leaves in force what was there. Not thread-safe.
 */
final class PublishedConnectors {
    private static final String STATED = "a statement that says so: toolpost connectors publish --moves-hosts";

    private final String topic;
    private final PublicKeys trusted;
    private final LiveCatalogue live;
    private final PoolCheck pools;
    private final Logger log;
    private final ConnectorLoader loader = new ConnectorLoader();
    private final Map<String, Statement> newest = new HashMap<>();

    /** Genuine records that cannot count yet for a reason that may pass. */
    private final Map<String, SignedRecord> waiting = new LinkedHashMap<>();

    PublishedConnectors(String topic, PublicKeys trusted, LiveCatalogue live, PoolCheck pools, Logger log) {
        this.topic = topic;
        this.trusted = trusted;
        this.live = live;
        this.pools = pools;
        this.log = log;
    }

    /** Takes a record of the topic, in the order of the topic. */
    void accept(SignedRecord published) throws InterruptedException {
        Source source = Source.published(published.vendor());
        switch (published.verify(trusted, topic)) {
            case Refused(String reason) -> refuse(source, List.of(reason));
            case Genuine(Statement statement) -> {
                Statement before = newest.get(published.vendor());
                if (statement.equals(before)) {
                    return;
                }
                if (before != null && statement.version() <= before.version()) {
                    refuse(
                            source,
                            List.of("its version " + statement.version() + " is not newer than " + before.version()
                                    + ", which was published before it"));
                } else {
                    newest.put(published.vendor(), statement);
                    waiting.remove(published.vendor());
                    carryOut(source, published, statement);
                }
            }
        }
    }

    /** Tries again what waits for topics of its pool, or for a name that another vendor's tool had. */
    void again() throws InterruptedException {
        for (SignedRecord each : List.copyOf(waiting.values())) {
            Statement statement = newest.get(each.vendor());
            if (statement != null) {
                carryOut(Source.published(each.vendor()), each, statement);
            }
        }
    }

    private void carryOut(Source source, SignedRecord published, Statement statement) throws InterruptedException {
        String vendor = published.vendor();
        if (statement.removes()) {
            String problem = live.drop(source);
            if (problem == null) {
                live.published(vendor, null);
                log.info("The published connector {} is withdrawn", vendor);
            } else {
                refuse(source, List.of("it was withdrawn, and stays in force: " + problem));
            }
            return;
        }
        String name = "published/" + vendor + ".yaml";
        String text;
        Connector connector;
        try {
            text = ConnectorText.of(name, published.content());
            connector = loader.load(name, text);
        } catch (ConnectorException broken) {
            refuse(source, LiveCatalogue.texts(broken.problems()));
            return;
        } catch (RuntimeException | Error broken) {
            refuse(source, List.of(LiveCatalogue.uncheckable(source, broken)));
            return;
        }
        if (!connector.vendor().equals(vendor)) {
            refuse(source, List.of("it defines the vendor " + connector.vendor() + " (expected: " + vendor + ")"));
            return;
        }
        String elsewhere = statement.movesHosts() ? null : elsewhere(connector);
        if (elsewhere != null) {
            refuse(source, List.of(elsewhere));
            return;
        }
        String problem = pools.problem(connector.pool());
        if (problem == null) {
            problem = live.take(source, text, connector);
        }
        if (problem != null) {
            waiting.put(vendor, published);
            refuse(source, List.of(problem));
            return;
        }
        waiting.remove(vendor);
        live.published(vendor, statement.version());
        log.info("Connector {} is in force as it was published, version {}", vendor, statement.version());
    }

    /** Why a definition whose statement does not say that its addresses are meant cannot be taken, or null where it stays with those of the file. */
    private @Nullable String elsewhere(Connector connector) {
        Connector known = live.unpublished(connector.vendor());
        if (known == null) {
            return "no file defines " + connector.vendor() + ", and what is signed does not say that its addresses are"
                    + " meant: " + String.join(", ", ConnectorAddresses.of(connector)) + " (expected: " + STATED + ")";
        }
        SortedSet<String> moved = ConnectorAddresses.moved(known, connector);
        return moved.isEmpty()
                ? null
                : "it would lead requests or secrets of a known vendor elsewhere: " + String.join(", ", moved)
                        + " (expected: the same addresses, or " + STATED + ")";
    }

    private void refuse(Source source, List<String> problems) {
        if (live.refuse(source, problems)) {
            String stays = live.of(source) == null ? "" : " The definition before it stays in force.";
            log.error("A published connector is refused: {}.{}\n{}", source.name(), stays, String.join("\n", problems));
        }
    }
}
