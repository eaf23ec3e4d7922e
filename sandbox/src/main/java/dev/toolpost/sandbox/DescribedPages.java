package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The page of a list that a request asks for. Belongs to the loop's thread.
 *
 * <p>With filters, at most {@value #LOOKED_AT} records are looked at for one page.
 */
final class DescribedPages {

    private static final int LOOKED_AT = 20_000;

    /** What was found. */
    sealed interface Found permits Page, Refused {}

    /**
     * A page.
     *
     * @param asked the place as it was sent, or null
     * @param next the place of the next page, or null at the end
     * @param start how many records stand before it, where pages are counted; otherwise 0
     * @param total of all records where pages are counted; otherwise -1
     * @param cut whether the list ends here although it holds more
     */
    record Page(
            List<Long> ids,
            int size,
            @Nullable String asked,
            @Nullable String next,
            long start,
            long total,
            boolean cut)
            implements Found {}

    /** An error by its name. */
    record Refused(String error) implements Found {}

    private final DescribedPaging paging;
    private final DescribedRecords records;
    private final Churning churning;

    DescribedPages(DescribedPaging paging, DescribedRecords records, Churning churning) {
        this.paging = paging;
        this.records = records;
        this.churning = churning;
    }

    Found find(RequestArguments arguments, List<DescribedFilter> filters, Dialect.Quirk quirk) {
        int size = size(arguments);
        if (size < 0) {
            return new Refused(paging.badSize() == null ? "invalid" : paging.badSize());
        }
        Walk walk = new Walk(arguments, filters);
        String asked = arguments.text(paging.place());
        if (asked != null && asked.isEmpty()) {
            asked = null;
        }
        boolean repeats = quirk == Dialect.Quirk.REPEAT_CURSOR && asked != null;
        return switch (paging.kind()) {
            case NONE, CURSOR -> cursor(walk, asked, size, repeats);
            case LAST_RECORD -> lastRecord(walk, asked, arguments, size, repeats);
            case PAGE, OFFSET -> counted(walk, asked, size, repeats);
        };
    }

    /** The page's length, or -1 for one that is refused. */
    private int size(RequestArguments arguments) {
        String asked = arguments.text(paging.size());
        if (asked == null || asked.isEmpty()) {
            return paging.usual();
        }
        long size = Wire.number(asked);
        if (size >= 1 && size <= paging.largest()) {
            return (int) size;
        }
        return paging.badSize() != null || size < 0 ? -1 : size == 0 ? paging.usual() : paging.largest();
    }

    private Found cursor(Walk walk, @Nullable String asked, int size, boolean repeats) {
        long from = asked == null ? walk.first() : place(asked);
        if (from < 0 && asked != null) {
            return new Refused(paging.badPlace() == null ? "invalid" : paging.badPlace());
        }
        churning.before(records.collection(), from);
        List<Long> ids = walk.from(from, size + 1);
        boolean more = ids.size() > size;
        String next = more && paging.kind() == DescribedPaging.Kind.CURSOR ? token(ids.removeLast()) : null;
        if (ids.size() > size) {
            ids.removeLast();
        }
        boolean cut = next != null && reached(ids) >= paging.reach();
        return new Page(ids, size, asked, cut ? null : repeats ? asked : next, 0, -1, cut);
    }

    /** How many records there are up to a page's end, if none were deleted. */
    private long reached(List<Long> ids) {
        long first = records.collection().next(0);
        return ids.isEmpty() || first < 0 ? 0 : ids.getLast() - first + 1;
    }

    private Found lastRecord(Walk walk, @Nullable String asked, RequestArguments arguments, int size, boolean repeats) {
        String before = paging.before() == null ? null : arguments.text(paging.before());
        String given = before == null ? asked : before;
        long last = given == null ? -1 : records.number(given);
        if (given != null && (last < 0 || !records.collection().existed(last))) {
            return new Refused(paging.badPlace() == null ? "invalid" : paging.badPlace());
        }
        if (repeats) {
            return new Page(new ArrayList<>(List.of(last)), size, asked, asked, 0, -1, false);
        }
        if (before != null) {
            List<Long> ids = new Walk(walk, !paging.newestFirst()).from(walk.step(last, !walk.newestFirst), size + 1);
            boolean more = ids.size() > size;
            if (more) {
                ids.removeLast();
            }
            Collections.reverse(ids);
            return new Page(ids, size, before, more ? records.idText(ids.getFirst()) : null, 0, -1, false);
        }
        long from = given == null ? walk.first() : walk.step(last, walk.newestFirst);
        churning.before(records.collection(), from);
        List<Long> ids = walk.from(from, size + 1);
        boolean more = ids.size() > size;
        if (more) {
            ids.removeLast();
        }
        return new Page(ids, size, asked, more ? records.idText(ids.getLast()) : null, 0, -1, false);
    }

    private Found counted(Walk walk, @Nullable String asked, int size, boolean repeats) {
        boolean pages = paging.kind() == DescribedPaging.Kind.PAGE;
        long first = pages ? paging.firstPage() : 0;
        long number = asked == null ? first : Wire.number(asked);
        if (number < 0) {
            return new Refused(paging.badPlace() == null ? "invalid" : paging.badPlace());
        }
        number = Math.max(number, first);
        long start = pages ? (number - first) * size : number;
        if (start + size > paging.reach() && paging.badReach() != null) {
            return new Refused(paging.badReach());
        }
        churning.before(records.collection(), walk.at(start));
        long total = walk.total();
        List<Long> ids = walk.isFiltered() ? walk.after(start, size) : walk.from(walk.at(start), size);
        long end = Math.min(total, paging.reach());
        long followed = pages ? number + 1 : start + ids.size();
        String next = start + ids.size() < end && !ids.isEmpty() ? Long.toString(repeats ? number : followed) : null;
        return new Page(ids, size, asked, next, start, total, next == null && total > end);
    }

    private String token(long id) {
        String token = paging.token().text(id);
        return paging.base64() ? Base64.getEncoder().encodeToString(token.getBytes(StandardCharsets.UTF_8)) : token;
    }

    private long place(String token) {
        if (!paging.base64()) {
            return paging.token().number(token);
        }
        try {
            return paging.token().number(new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return -1;
        }
    }

    /** Steps through the records that the filters keep. */
    private final class Walk {

        private record Asked(DescribedFilter filter, List<String> wanted) {}

        private final List<Asked> asked = new ArrayList<>();
        private final boolean newestFirst;

        Walk(RequestArguments arguments, List<DescribedFilter> filters) {
            newestFirst = paging.newestFirst();
            for (DescribedFilter filter : filters) {
                List<String> wanted = filter.wanted(arguments);
                if (!wanted.isEmpty()) {
                    asked.add(new Asked(filter, wanted));
                }
            }
        }

        Walk(Walk other, boolean newestFirst) {
            this.newestFirst = newestFirst;
            asked.addAll(other.asked);
        }

        boolean isFiltered() {
            return !asked.isEmpty();
        }

        long first() {
            return newestFirst
                    ? records.collection().previous(Long.MAX_VALUE - 1)
                    : records.collection().next(0);
        }

        /** The id to go on with behind one. */
        long step(long id, boolean down) {
            return down
                    ? records.collection().previous(id - 1)
                    : records.collection().next(id + 1);
        }

        private boolean keeps(long id) {
            for (Asked each : asked) {
                if (!each.filter().keeps(records, id, each.wanted())) {
                    return false;
                }
            }
            return true;
        }

        /** The records at and behind an id. */
        List<Long> from(long start, int most) {
            List<Long> ids = new ArrayList<>();
            long id = start < 0
                    ? -1
                    : newestFirst
                            ? records.collection().previous(start)
                            : records.collection().next(start);
            for (int looked = 0; id >= 0 && ids.size() < most && looked < LOOKED_AT; looked++) {
                if (keeps(id)) {
                    ids.add(id);
                }
                id = step(id, newestFirst);
            }
            return ids;
        }

        List<Long> after(long skipped, int most) {
            List<Long> ids = from(first(), (int) Math.min(LOOKED_AT, skipped + most));
            return new ArrayList<>(ids.subList((int) Math.min(skipped, ids.size()), ids.size()));
        }

        /** The record at a place of all, whatever the filters. */
        long at(long place) {
            long total = records.collection().total();
            if (place < 0 || place >= total) {
                return -1;
            }
            return records.collection().at(newestFirst ? total - 1 - place : place);
        }

        long total() {
            return isFiltered()
                    ? from(first(), LOOKED_AT).size()
                    : records.collection().total();
        }
    }
}
