package dev.toolpost.worker.classify;

import dev.toolpost.connectors.Paging;
import dev.toolpost.schemas.JsonTrouble;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamConstraintsException;

/**
 * One pass over a JSON body that builds no tree: is it JSON to its end, how many records does it hold, what does it say of the next page.
 *
 * @param next the text where the next page's cursor or link is, or null where there is none
 * @param records in the page
 * @param last what the flag says: whether this is the last page, or null where it says nothing
 * @param total what the body says of all records, or all pages, or null
 * @param listed whether the list of records is there
 * @param problem why the body cannot be used, or null
 * @param passing whether another answer may well be better
 */
record PageScan(
        @Nullable String next,
        long records,
        @Nullable Boolean last,
        @Nullable Long total,
        boolean listed,
        @Nullable String problem,
        boolean passing) {

    static PageScan of(byte[] utf8, @Nullable Paging paging) {
        if (utf8.length > 1 && (utf8[0] == 0 || utf8[1] == 0)) {
            return broken("it is not in UTF-8");
        }
        try (JsonParser parser = AnswerBody.JSON.createParser(ObjectReadContext.empty(), utf8)) {
            return of(parser, paging);
        } catch (JacksonException e) {
            return broken("it is not JSON (" + JsonTrouble.of(e) + ")");
        }
    }

    private static PageScan of(JsonParser parser, @Nullable Paging paging) {
        try {
            Scan scan = new Scan(parser, paging);
            if (parser.nextToken() == null) {
                return broken("it is not JSON (it holds nothing but space)");
            }
            scan.value(Places.of(paging));
            if (parser.nextToken() != null) {
                return broken("it goes on after its JSON value ended");
            }
            return new PageScan(scan.next, scan.records, scan.last, scan.total, scan.listed, scan.problem, false);
        } catch (StreamConstraintsException e) {
            boolean deep = parser.streamReadContext().getNestingDepth() >= AnswerBody.MAX_NESTING;
            return new PageScan(
                    null,
                    0,
                    null,
                    null,
                    false,
                    deep
                            ? "it is nested deeper than " + AnswerBody.MAX_NESTING + " levels"
                            : "a number, name or text of it is longer than any that is read",
                    false);
        }
    }

    private static PageScan broken(String problem) {
        return new PageScan(null, 0, null, null, false, problem, true);
    }

    /** What is looked for, each as what is left of its pointer from here, or null. */
    private record Places(
            @Nullable JsonPointer list,
            @Nullable JsonPointer next,
            @Nullable JsonPointer end,
            @Nullable JsonPointer total) {

        private static final Places NOTHING = new Places(null, null, null, null);

        static Places of(@Nullable Paging paging) {
            if (paging == null) {
                return NOTHING;
            }
            JsonPointer end = paging.end() == null ? null : inBody(paging.end().source());
            return switch (paging.way()) {
                case Paging.Cursor cursor -> new Places(paging.records(), inBody(cursor.next()), end, null);
                case Paging.Offset offset -> new Places(paging.records(), null, end, inBody(offset.total()));
                case Paging.PageNumber page ->
                    new Places(
                            paging.records(),
                            null,
                            end,
                            inBody(page.totalPages() == null ? page.total() : page.totalPages()));
                case Paging.NextLink link -> new Places(paging.records(), inBody(link.next()), end, null);
                case Paging.LinkHeader _, Paging.LastRecord _, Paging.Continue _, Paging.Rows _ ->
                    new Places(paging.records(), null, end, null);
            };
        }

        private static @Nullable JsonPointer inBody(Paging.@Nullable Source source) {
            return source instanceof Paging.FromBody(JsonPointer pointer) ? pointer : null;
        }

        Places member(String name) {
            return orNothing(
                    list == null ? null : list.matchProperty(name),
                    next == null ? null : next.matchProperty(name),
                    end == null ? null : end.matchProperty(name),
                    total == null ? null : total.matchProperty(name));
        }

        Places element(int index) {
            return orNothing(
                    list == null ? null : list.matchElement(index),
                    next == null ? null : next.matchElement(index),
                    end == null ? null : end.matchElement(index),
                    total == null ? null : total.matchElement(index));
        }

        Places withoutList() {
            return orNothing(null, next, end, total);
        }

        private static Places orNothing(
                @Nullable JsonPointer list,
                @Nullable JsonPointer next,
                @Nullable JsonPointer end,
                @Nullable JsonPointer total) {
            return list == null && next == null && end == null && total == null
                    ? NOTHING
                    : new Places(list, next, end, total);
        }

        @SuppressWarnings("ReferenceEquality") // the one and only
        boolean isNothing() {
            return this == NOTHING;
        }
    }

    private static final class Scan {
        private final JsonParser parser;
        private final boolean flagOnLastPage;
        private @Nullable String next;
        private @Nullable Boolean last;
        private @Nullable Long total;
        private @Nullable String problem;
        private long records;
        private boolean listed;

        Scan(JsonParser parser, @Nullable Paging paging) {
            this.parser = parser;
            this.flagOnLastPage =
                    paging != null && paging.end() != null && paging.end().last();
        }

        /** Walks the value that the parser stands on. */
        void value(Places places) {
            JsonToken token = parser.currentToken();
            if (places.isNothing()) {
                parser.skipChildren();
                return;
            }
            boolean counts = false;
            if (places.list() != null && places.list().matches()) {
                counts = token == JsonToken.START_ARRAY;
                listed |= counts;
                if (!counts && token != JsonToken.VALUE_NULL) {
                    problem = "what should be its list of records is none";
                }
            }
            if (places.next() != null && places.next().matches()) {
                takeNext(token);
            }
            if (places.end() != null && places.end().matches()) {
                takeFlag(token);
            }
            if (places.total() != null && places.total().matches()) {
                takeTotal(token);
            }
            if (token == JsonToken.START_OBJECT) {
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    value(places.member(name));
                }
            } else if (token == JsonToken.START_ARRAY) {
                Places inside = counts ? places.withoutList() : places;
                for (int index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
                    if (counts) {
                        records++;
                    }
                    value(inside.element(index));
                }
            }
        }

        private void takeNext(@Nullable JsonToken token) {
            if (token == JsonToken.VALUE_STRING || token == JsonToken.VALUE_NUMBER_INT) {
                String text = parser.getString();
                next = text.isEmpty() ? null : text;
            } else if (token != JsonToken.VALUE_NULL && token != JsonToken.VALUE_FALSE) {
                problem = "what should lead to its next page is neither text nor a number";
            }
        }

        private void takeFlag(@Nullable JsonToken token) {
            Boolean flag = token == JsonToken.VALUE_NULL ? null : flag(parser.getString());
            if (flag != null) {
                last = flag == flagOnLastPage;
            } else if (token != JsonToken.VALUE_NULL) {
                problem = "the flag that should say whether there is more is no boolean";
            }
        }

        private void takeTotal(@Nullable JsonToken token) {
            if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_STRING) {
                total = number(parser.getString());
            }
        }
    }

    /** A boolean, also one that is spelt as text or number, or null. */
    static @Nullable Boolean flag(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> null;
        };
    }

    /** A whole number, or null. */
    static @Nullable Long number(String text) {
        return text.matches("[0-9]{1,18}") ? Long.valueOf(text) : null;
    }
}
