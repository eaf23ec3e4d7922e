package dev.toolpost.worker.classify;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.BodyCondition;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.Paging;
import dev.toolpost.worker.http.ResponseHeaders;
import dev.toolpost.worker.request.AskedPage;
import dev.toolpost.worker.request.CanonicalJson;
import dev.toolpost.worker.request.NumberedPage;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * Where the page after an answer is.
 *
 * @param place of the next page, or null where the list ended
 * @param problem why the answer cannot be trusted about it, or null
 */
record NextPage(@Nullable String place, @Nullable String problem) {

    static final NextPage NONE = new NextPage(null, null);

    /** Far above what vendors send, far below what a record of the broker holds. */
    private static final int LONGEST_PLACE = 16_384;

    private static final int MOST_MEMBERS = 30;

    /** What is known of an answer. Confined to one classification. */
    record Answer(PageScan scan, AnswerBody body, ResponseHeaders headers) {

        @Nullable
        String text(Paging.Source source) {
            return switch (source) {
                case Paging.FromBody _ -> scan.next();
                case Paging.FromHeader(String name) -> header(name);
            };
        }

        @Nullable
        Long total(Paging.@Nullable Source source) {
            return switch (source) {
                case null -> null;
                case Paging.FromBody _ -> scan.total();
                case Paging.FromHeader(String name) -> {
                    String text = header(name);
                    yield text == null ? null : PageScan.number(text);
                }
            };
        }

        /** The number of all records of a list, or null where the answer does not say. */
        @Nullable
        Long all(Paging.@Nullable Source source) {
            return switch (source) {
                case null -> null;
                case Paging.FromBody(JsonPointer pointer) -> {
                    JsonNode tree = body.tree();
                    JsonNode total = tree == null ? null : tree.at(pointer);
                    yield total == null || !total.isValueNode() ? null : PageScan.number(total.asString());
                }
                case Paging.FromHeader _ -> total(source);
            };
        }

        /** Whether this is the last page, or null where the answer does not say. */
        @Nullable
        Boolean last(Paging paging) {
            if (stops(paging.stop())) {
                return true;
            }
            if (paging.end() == null || !(paging.end().source() instanceof Paging.FromHeader(String name))) {
                return scan.last();
            }
            String text = header(name);
            Boolean flag = text == null ? null : PageScan.flag(text);
            return flag == null ? null : flag == paging.end().last();
        }

        boolean stops(List<Paging.AllOf> alternatives) {
            JsonNode tree = alternatives.isEmpty() ? null : body.tree();
            return tree != null
                    && alternatives.stream()
                            .anyMatch(
                                    all -> all.conditions().stream().allMatch((BodyCondition one) -> one.holds(tree)));
        }

        private @Nullable String header(String name) {
            String value = headers.first(name);
            return value == null || value.isBlank() ? null : value.strip();
        }
    }

    static NextPage of(Connector connector, @Nullable Paging paging, Answer answer, AskedPage asked) {
        if (paging == null) {
            return NONE;
        }
        NextPage next = switch (paging.way()) {
            case Paging.Cursor cursor -> atText(paging, answer, answer.text(cursor.next()));
            case Paging.Offset offset -> afterOffset(paging, offset, answer, asked);
            case Paging.PageNumber page -> afterNumber(paging, page, answer, asked);
            case Paging.NextLink link -> behindLink(connector, paging, answer, answer.text(link.next()), asked);
            case Paging.LinkHeader _ -> {
                LinkHeader header = LinkHeader.next(answer.headers().all("Link"));
                yield header.problem() != null
                        ? wrong(header.problem())
                        : behindLink(connector, paging, answer, header.target(), asked);
            }
            case Paging.LastRecord last -> behindRecord(paging, last, answer, asked);
            case Paging.Continue more -> continued(connector, paging, more, answer);
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

    private static NextPage atText(Paging paging, Answer answer, @Nullable String text) {
        Boolean last = answer.last(paging);
        if (Boolean.TRUE.equals(last)) {
            return NONE;
        }
        if (text == null && Boolean.FALSE.equals(last)) {
            return wrong("it says that there is more, and not where");
        }
        return new NextPage(text, null);
    }

    private static NextPage afterOffset(Paging paging, Paging.Offset offset, Answer answer, AskedPage asked) {
        Boolean last = answer.last(paging);
        PageScan scan = answer.scan();
        if (Boolean.TRUE.equals(last)) {
            return NONE;
        }
        boolean more = Boolean.FALSE.equals(last);
        if (scan.records() == 0) {
            return more ? moreWithoutRecords() : NONE;
        }
        long next = (asked.place() == null ? offset.first() : Long.parseLong(asked.place())) + scan.records();
        Long total = answer.total(offset.total());
        boolean ended = !more
                && (total != null ? next - offset.first() >= total : offset.shortPageEnds() && isShort(scan, asked));
        return ended ? NONE : new NextPage(Long.toString(next), null);
    }

    private static NextPage afterNumber(Paging paging, Paging.PageNumber way, Answer answer, AskedPage asked) {
        Boolean last = answer.last(paging);
        PageScan scan = answer.scan();
        if (Boolean.TRUE.equals(last)) {
            return NONE;
        }
        NumberedPage page =
                asked.place() == null ? new NumberedPage(way.first(), asked.size()) : NumberedPage.parse(asked.place());
        boolean more = Boolean.FALSE.equals(last);
        long pages = page.number() - way.first() + 1;
        boolean ended = !more
                && (scan.records() == 0
                        || switch (endByNumbers(way, answer, page.size(), pages)) {
                            case ENDS -> true;
                            case GOES_ON -> false;
                            case UNSAID -> way.shortPageEnds() && isShort(scan, asked);
                        });
        return ended ? NONE : new NextPage(page.next().text(), null);
    }

    private enum Numbers {
        ENDS,
        GOES_ON,
        UNSAID
    }

    private static Numbers endByNumbers(Paging.PageNumber way, Answer answer, @Nullable Integer size, long pages) {
        if (way.totalPages() != null) {
            Long total = answer.total(way.totalPages());
            return total == null ? Numbers.UNSAID : pages >= total ? Numbers.ENDS : Numbers.GOES_ON;
        }
        Long total = answer.total(way.total());
        if (total == null || size == null) {
            return Numbers.UNSAID;
        }
        return pages * size >= total ? Numbers.ENDS : Numbers.GOES_ON;
    }

    private static boolean isShort(PageScan scan, AskedPage asked) {
        return asked.size() != null && scan.records() < asked.size();
    }

    private static NextPage moreWithoutRecords() {
        return wrong("it says that there is more, but holds no records, so that the list would never end");
    }

    private static NextPage behindLink(
            Connector connector, Paging paging, Answer answer, @Nullable String text, AskedPage asked) {
        NextPage at = atText(paging, answer, text);
        return at.place == null
                ? at
                : LinkTarget.of(at.place, asked, "its link to the next page", keyParameters(connector));
    }

    private static NextPage behindRecord(Paging paging, Paging.LastRecord way, Answer answer, AskedPage asked) {
        Boolean last = answer.last(paging);
        if (Boolean.TRUE.equals(last)) {
            return NONE;
        }
        boolean more = Boolean.FALSE.equals(last);
        if (answer.scan().records() == 0) {
            return more ? moreWithoutRecords() : NONE;
        }
        if (!more && way.shortPageEnds() && isShort(answer.scan(), asked)) {
            return NONE;
        }
        PageRecords records = PageRecords.of(answer.body().utf8(), paging.records());
        JsonNode id = AnswerBody.parse(records.record(records.size() - 1)).at(way.id());
        return (id.isString() && !id.stringValue().isEmpty()) || id.isIntegralNumber()
                ? new NextPage(id.asString(), null)
                : wrong("its last record has nothing at " + pointer(way.id()) + " to ask for the next page by");
    }

    private static NextPage continued(Connector connector, Paging paging, Paging.Continue way, Answer answer) {
        JsonNode tree = answer.body().tree();
        JsonNode next = tree == null ? null : tree.at(way.next());
        boolean none = next == null || next.isMissingNode() || next.isNull() || next.isEmpty();
        NextPage at = atText(paging, answer, none ? null : "");
        if (at.place == null || next == null) {
            return at;
        }
        if (!next.isObject() || next.size() > MOST_MEMBERS) {
            return wrong("what leads to its next page is no object of " + MOST_MEMBERS + " members or fewer");
        }
        Set<String> keys = keyParameters(connector);
        for (String name : next.propertyNames()) {
            if (keys.contains(name) || name.isEmpty()) {
                return wrong("what leads to its next page sets the parameter \"" + name + "\"");
            }
            if (!way.inBody() && !next.get(name).isValueNode()) {
                return wrong("what leads to its next page holds what no parameter can");
            }
        }
        return new NextPage(CanonicalJson.of(next), null);
    }

    static String pointer(JsonPointer pointer) {
        return pointer.matches() ? "its whole" : pointer.toString();
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
