package dev.toolpost.worker.classify;

import dev.toolpost.connectors.Paging;
import dev.toolpost.worker.request.AskedPage;
import dev.toolpost.worker.request.CanonicalJson;
import dev.toolpost.worker.request.SlicePlace;
import dev.toolpost.worker.request.SlicePlace.Order;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * What follows a page of a list of which the vendor gives only so much: the next page of the slice, or the first of another that begins at the
 * last record's value. Nothing is lost: where the values are not in order, do not advance, or are the same for records that the vendor
 * would not repeat, the list ends with an error behind the page instead. Pure.
 *
 * @param next the page after this one
 * @param repeated the page's records that the slice before had already
 */
record Slices(NextPage next, BitSet repeated) {

    private static final int HASH_BYTES = 9;
    private static final String NARROW = "; narrow the arguments to see the rest";

    /** What a list without a cap has. */
    static Slices without(NextPage next) {
        return new Slices(next, new BitSet());
    }

    /** @param within the page after this one within the slice, if the slice goes on */
    static Slices after(
            Paging paging,
            Paging.Cap cap,
            NextPage.Answer answer,
            AskedPage asked,
            SlicePlace before,
            NextPage within) {
        if (within.problem() != null) {
            return without(within);
        }
        Paging.Restart restart = asked.restartable() ? cap.restart() : null;
        PageRecords page = PageRecords.of(answer.body().utf8(), paging.records());
        int pages = before.pages() + 1;
        long rows = before.rows() + page.size();
        Values values = new Values(before);
        BitSet repeated = new BitSet();
        if (restart != null) {
            for (int i = 0; i < page.size(); i++) {
                JsonNode entry = AnswerBody.parse(page.record(i));
                JsonNode value = entry.at(restart.from());
                if (i == 0 && before.rows() == 0 && goesBack(before, value)) {
                    return without(NextPage.wrong("asked for anew from " + NextPage.pointer(restart.from())
                            + ", its list goes back to records from before, so that it would never end"));
                }
                String hash = hash(identity(entry, restart));
                if (before.seen().contains(hash)) {
                    repeated.set(i);
                }
                values.add(value, hash);
            }
        }
        boolean cut = answer.stops(cap.cut());
        boolean fullOfPages = cap.pages() != null && pages >= cap.pages();
        boolean full = fullOfPages || isFull(paging, cap, asked, rows);
        if (within.place() != null && !full && (restart == null || !cut)) {
            String place = new SlicePlace(
                            within.place(),
                            pages,
                            rows,
                            before.since(),
                            values.order,
                            values.last,
                            restart == null ? List.of() : values.tail,
                            Objects.equals(values.last, before.since()) ? before.seen() : List.of(),
                            before.cut() || cut)
                    .text();
            return new Slices(new NextPage(place, null), repeated);
        }
        if (restart != null && (cut || full)) {
            String obstacle = values.obstacle(restart, before.since());
            String place = obstacle == null
                    ? new SlicePlace(
                                    null,
                                    0,
                                    0,
                                    values.last,
                                    values.order,
                                    null,
                                    List.of(),
                                    restart.inclusive() ? values.tail : List.of(),
                                    false)
                            .text()
                    : SlicePlace.end(noMoreThan(fullOfPages, pages, rows, "this list") + obstacle + NARROW);
            return new Slices(new NextPage(place, null), repeated);
        }
        String missing = within.place() != null
                ? noMoreThan(fullOfPages, pages, rows, "this list") + disorder(cap)
                : missing(cap, answer, asked, page.size(), pages, rows, before.cut() || cut);
        return new Slices(
                missing == null ? NextPage.NONE : new NextPage(SlicePlace.end(missing + NARROW), null), repeated);
    }

    /** What is not in a list that the vendor says has ended and that cannot be asked for anew, or null where it is whole. */
    private static @Nullable String missing(
            Paging.Cap cap, NextPage.Answer answer, AskedPage asked, int ofPage, int pages, long rows, boolean cut) {
        if (cut) {
            return "the vendor says that it left records of this list out" + disorder(cap);
        }
        boolean fullOfRows = cap.rows() != null && rows >= cap.rows();
        boolean shortPage = asked.size() != null && ofPage < asked.size();
        boolean fullOfPages = cap.pages() != null && pages >= cap.pages() && !shortPage;
        if (!fullOfRows && !fullOfPages) {
            return null;
        }
        Long total = answer.all(cap.total());
        if (total == null) {
            return noMoreThan(fullOfPages && !fullOfRows, pages, rows, "a list")
                    + ", and this one has as many, so that some may be missing" + disorder(cap);
        }
        return total <= rows
                ? null
                : noMoreThan(fullOfPages && !fullOfRows, pages, rows, "this list") + ", which has " + total
                        + disorder(cap);
    }

    private static String noMoreThan(boolean ofPages, int pages, long rows, String list) {
        return "the vendor gives no more than " + (ofPages ? pages + " pages" : rows + " records") + " of " + list;
    }

    /** Where only the call's arguments keep the list from being asked for anew. */
    private static String disorder(Paging.Cap cap) {
        return cap.restart() == null ? "" : outOfOrder(cap.restart());
    }

    private static String outOfOrder(Paging.Restart restart) {
        return ", and they are not in the order of " + NextPage.pointer(restart.from())
                + ", by which the rest could be asked for";
    }

    /** Whether a list that was asked for anew begins before the value that it was to go on from. */
    private static boolean goesBack(SlicePlace before, JsonNode first) {
        if (before.since() == null || (!first.isString() && !first.isNumber())) {
            return false;
        }
        int step = compare(before.since(), first);
        return (before.order() == Order.ASCENDING && step > 0) || (before.order() == Order.DESCENDING && step < 0);
    }

    /** Whether no further page of the slice stays within the vendor's number of records. */
    private static boolean isFull(Paging paging, Paging.Cap cap, AskedPage asked, long rows) {
        if (cap.rows() == null) {
            return false;
        }
        long room = cap.rows() - rows;
        Paging.PageSize size = paging.pageSize();
        if (size == null) {
            return room <= 0;
        }
        // Pages with numbers keep their size; others may end with a smaller one.
        return paging.way() instanceof Paging.PageNumber
                ? room < Objects.requireNonNullElse(asked.size(), 1)
                : room < size.smallest();
    }

    private static String identity(JsonNode entry, Paging.Restart restart) {
        JsonPointer id = restart.id();
        return CanonicalJson.of(id == null || entry.at(id).isMissingNode() ? entry : entry.at(id));
    }

    private static String hash(String identity) {
        byte[] hash = CanonicalJson.sha256(identity.getBytes(StandardCharsets.UTF_8));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, HASH_BYTES));
    }

    /** The values of a slice's records as they come. */
    private static final class Values {
        private Order order;
        private @Nullable JsonNode last;
        private List<String> tail;

        Values(SlicePlace before) {
            this.order = before.order();
            this.last = before.last();
            this.tail = new ArrayList<>(before.tail());
        }

        void add(JsonNode value, String hash) {
            if (!value.isString() && !value.isNumber()) {
                order = Order.MIXED;
                return;
            }
            int step = last == null ? 0 : compare(last, value);
            if (last == null || step != 0) {
                tail = new ArrayList<>();
            }
            if (tail.size() <= SlicePlace.MOST_TOLD_APART) {
                tail.add(hash);
            }
            last = value;
            if (step != 0) {
                Order here = step < 0 ? Order.ASCENDING : Order.DESCENDING;
                order = order == Order.NONE || order == here ? here : Order.MIXED;
            }
        }

        /** Why the list cannot be asked for anew from here, or null. */
        @Nullable
        String obstacle(Paging.Restart restart, @Nullable JsonNode since) {
            String from = NextPage.pointer(restart.from());
            if (last == null || order == Order.MIXED) {
                return outOfOrder(restart);
            }
            if (since != null && compare(since, last) == 0) {
                return ", and all of them have the same " + from;
            }
            if (tail.size() > SlicePlace.MOST_TOLD_APART) {
                return ", and more than " + SlicePlace.MOST_TOLD_APART + " at its end have the same " + from;
            }
            return !restart.inclusive() && tail.size() > 1
                    ? ", and several at its end have the same " + from + ", of which some would be lost"
                    : null;
        }
    }

    /** Numbers, also in texts, by their value; moments by their time; other texts by their characters. */
    private static int compare(JsonNode one, JsonNode other) {
        if (one.equals(other)) {
            return 0;
        }
        BigDecimal number = number(one);
        BigDecimal otherNumber = number(other);
        if (number != null && otherNumber != null) {
            return number.compareTo(otherNumber);
        }
        try {
            return OffsetDateTime.parse(one.asString())
                    .toInstant()
                    .compareTo(OffsetDateTime.parse(other.asString()).toInstant());
        } catch (DateTimeException noMoments) {
            return one.asString().compareTo(other.asString());
        }
    }

    private static @Nullable BigDecimal number(JsonNode node) {
        if (node.isNumber()) {
            return node.decimalValue();
        }
        String text = node.asString();
        return text.length() <= 40 && text.matches("-?[0-9]+(\\.[0-9]+)?") ? new BigDecimal(text) : null;
    }
}
