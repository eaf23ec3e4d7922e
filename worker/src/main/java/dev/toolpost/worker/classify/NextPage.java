package dev.toolpost.worker.classify;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.Paging;
import dev.toolpost.worker.http.ResponseHeaders;
import dev.toolpost.worker.request.AskedPage;
import dev.toolpost.worker.request.NumberedPage;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where the page after an answer is.
 *
 * @param place of the next page, or null where the list ended
 * @param problem why the answer cannot be trusted about it, or null
 */
record NextPage(@Nullable String place, @Nullable String problem) {

    private static final NextPage NONE = new NextPage(null, null);

    /** Far above what vendors send, far below what a record of the broker holds. */
    private static final int LONGEST_PLACE = 16_384;

    static NextPage of(
            Connector connector, @Nullable Paging paging, PageScan scan, ResponseHeaders headers, AskedPage asked) {
        NextPage next = switch (paging) {
            case null -> NONE;
            case Paging.Cursor _ -> atText(scan, scan.next());
            case Paging.Offset offset -> afterOffset(offset, scan, asked);
            case Paging.PageNumber page -> afterNumber(page, scan, asked);
            case Paging.NextLink link -> behindLink(connector, link, scan, headers, asked);
            // What executes a statement says itself where its next page is.
            case Paging.Rows _ -> NONE;
        };
        if (next.place == null) {
            return next;
        }
        if (next.place.equals(asked.place())) {
            return wrong("its next page is this page again, so that the list would never end");
        }
        return next.place.length() > LONGEST_PLACE
                ? wrong("what leads to its next page is longer than " + LONGEST_PLACE + " characters")
                : next;
    }

    private static NextPage atText(PageScan scan, @Nullable String text) {
        if (Boolean.TRUE.equals(scan.last())) {
            return NONE;
        }
        if (text == null && Boolean.FALSE.equals(scan.last())) {
            return wrong("it says that there is more, and not where");
        }
        return new NextPage(text, null);
    }

    private static NextPage afterOffset(Paging.Offset offset, PageScan scan, AskedPage asked) {
        if (Boolean.TRUE.equals(scan.last())) {
            return NONE;
        }
        boolean more = Boolean.FALSE.equals(scan.last());
        if (scan.records() == 0) {
            return more
                    ? wrong("it says that there is more, but holds no records, so that the list would never end")
                    : NONE;
        }
        long next = (asked.place() == null ? offset.first() : Long.parseLong(asked.place())) + scan.records();
        Long total = scan.total();
        boolean ended = !more
                && (total != null ? next - offset.first() >= total : offset.shortPageEnds() && isShort(scan, asked));
        return ended ? NONE : new NextPage(Long.toString(next), null);
    }

    private static NextPage afterNumber(Paging.PageNumber paging, PageScan scan, AskedPage asked) {
        if (Boolean.TRUE.equals(scan.last())) {
            return NONE;
        }
        NumberedPage page = asked.place() == null
                ? new NumberedPage(paging.first(), asked.size())
                : NumberedPage.parse(asked.place());
        boolean more = Boolean.FALSE.equals(scan.last());
        Long total = scan.total();
        boolean ended = !more
                && (scan.records() == 0
                        || (total != null
                                ? page.number() - paging.first() + 1 >= total
                                : paging.shortPageEnds() && isShort(scan, asked)));
        return ended ? NONE : new NextPage(page.next().text(), null);
    }

    private static boolean isShort(PageScan scan, AskedPage asked) {
        return asked.size() != null && scan.records() < asked.size();
    }

    private static NextPage behindLink(
            Connector connector, Paging.NextLink paging, PageScan scan, ResponseHeaders headers, AskedPage asked) {
        String text;
        if (paging.source() instanceof Paging.LinkHeader) {
            LinkHeader header = LinkHeader.next(headers.all("Link"));
            if (header.problem() != null) {
                return wrong(header.problem());
            }
            text = header.target();
        } else {
            text = scan.next();
        }
        NextPage at = atText(scan, text);
        return at.place == null
                ? at
                : LinkTarget.of(at.place, asked, "its link to the next page", keyParameters(connector));
    }

    static Set<String> keyParameters(Connector connector) {
        return connector.auth().stream()
                .map(Auth::queryParameter)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    static NextPage wrong(String problem) {
        return new NextPage(null, problem);
    }
}
