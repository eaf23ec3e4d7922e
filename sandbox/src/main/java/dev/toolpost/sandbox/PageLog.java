package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last pages that were served: their places and a hash of their ids, the same size for any page. Off until a bound is set. Belongs to the
 * loop's thread: a page is begun, its ids are added as they stand in the answer, and it is ended.
 */
final class PageLog {

    private final ArrayDeque<ServedPage> pages = new ArrayDeque<>();
    private int bound;
    private long number;
    private String account = "";

    private String collection = "";
    private @Nullable String asked;
    private int count;
    private long hash;
    private @Nullable String firstId;
    private int lastFrom;
    private int lastTo;

    void bound(int newBound) {
        if (newBound < 0) {
            throw new IllegalArgumentException("bound: " + newBound + " (expected: >= 0 pages, 0 for none)");
        }
        bound = newBound;
        while (pages.size() > bound) {
            pages.remove();
        }
    }

    void clear() {
        pages.clear();
        number = 0;
    }

    /** Who asks from now on. */
    void account(String newAccount) {
        account = newAccount;
    }

    void begin(String ofCollection, @Nullable String place) {
        collection = ofCollection;
        asked = place;
        count = 0;
        hash = ServedPage.EMPTY_HASH;
        firstId = null;
        lastFrom = 0;
        lastTo = 0;
    }

    /** Adds the id that stands at these places of the answer. */
    void id(ByteText out, int from, int to) {
        if (bound == 0) {
            return;
        }
        hash = ServedPage.hash(hash, out.array(), from, to);
        if (count++ == 0) {
            firstId = text(out, from, to);
        }
        lastFrom = from;
        lastTo = to;
    }

    void end(ByteText out, @Nullable String next) {
        if (bound == 0) {
            return;
        }
        if (pages.size() == bound) {
            pages.remove();
        }
        pages.add(new ServedPage(
                number++,
                account,
                collection,
                asked,
                count,
                hash,
                firstId,
                count == 0 ? null : text(out, lastFrom, lastTo),
                next));
    }

    /** The last pages, oldest first. */
    List<ServedPage> last(int most) {
        List<ServedPage> all = new ArrayList<>(pages);
        return List.copyOf(all.subList(Math.max(0, all.size() - most), all.size()));
    }

    private static String text(ByteText out, int from, int to) {
        return new String(out.array(), from, to - from, StandardCharsets.UTF_8);
    }
}
