package dev.toolpost.cli;

import dev.toolpost.sandbox.ServedPage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds the pages that an agent received against those that the vendor says it served: whether they are one chain, in which
 * each page is one that was served at the place where the page before it ended, from the first page to the vendor's last. Pages
 * that were served and are not in the chain are those of a turn that died with its worker. Not thread-safe.
 */
final class ServedChain {
    private final List<ServedPage> served;
    private final Set<String> ids = new HashSet<>();
    private final List<String> problems = new ArrayList<>();
    private long records;
    private int pages;

    /** Where the next page has to begin; null for the first page, and at the vendor's end. */
    private @Nullable String place;

    private boolean begun;

    ServedChain(List<ServedPage> served) {
        this.served = served;
    }

    /** The next page as it was received, by its records' ids. */
    void received(List<String> page) {
        long hash = ServedPage.hash(page);
        ServedPage match = null;
        if (!begun || place != null) {
            for (ServedPage each : served) {
                if (Objects.equals(each.asked(), place) && each.count() == page.size() && each.hash() == hash) {
                    match = each;
                    break;
                }
            }
        }
        if (match == null) {
            problems.add("page " + pages + " was not served at the place where the page before it ended");
            begun = true;
            return;
        }
        begun = true;
        place = match.next();
        pages++;
        records += page.size();
        ids.addAll(page);
    }

    /** Whether all that was received is one chain to the vendor's end. */
    boolean isWhole() {
        return begun && place == null && problems.isEmpty();
    }

    /** Records that were received more than once. */
    long doubled() {
        return records - ids.size();
    }

    /** Pages in the chain. */
    int pages() {
        return pages;
    }

    /** Pages that were served and are not in the chain. */
    int repeated() {
        return served.size() - pages;
    }

    Set<String> ids() {
        return Set.copyOf(ids);
    }

    List<String> problems() {
        return List.copyOf(problems);
    }
}
