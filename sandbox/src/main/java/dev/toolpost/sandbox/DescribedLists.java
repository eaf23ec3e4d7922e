package dev.toolpost.sandbox;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The lists of a described vendor. Belongs to the loop's thread. */
final class DescribedLists {

    private static final String FOREIGN = "http://collector.example.net";

    private final VendorState state;

    DescribedLists(VendorState state) {
        this.state = state;
    }

    /** The error's name, or null after an answer. */
    @Nullable
    String list(
            HttpExchange exchange,
            DescribedRoute route,
            DescribedRecords records,
            ReplyValues values,
            Dialect.Quirk quirk) {
        DescribedPages pages = new DescribedPages(route.paging(), records, state.churning());
        DescribedPages.Found found = pages.find(values.arguments(), route.filters(), quirk);
        return switch (found) {
            case DescribedPages.Refused refused -> refused.error();
            case DescribedPages.Page page -> {
                state.pages().begin(records.name(), page.asked());
                put(values, exchange, route, records, page, quirk);
                DescribedDialect.reply(exchange, route, values);
                state.pages().end(exchange.answer(), page.next());
                yield null;
            }
        };
    }

    private void put(
            ReplyValues values,
            HttpExchange exchange,
            DescribedRoute route,
            DescribedRecords records,
            DescribedPages.Page page,
            Dialect.Quirk quirk) {
        DescribedPaging paging = route.paging();
        boolean counted = page.total() >= 0;
        String next = page.next();
        values.write("records", out -> records.writeAll(out, page.ids(), route.shows()))
                .put("count", page.ids().size())
                .put("size", page.size())
                .put("start", page.start())
                .put("has_more", next != null)
                .put("cut", page.cut());
        if (!page.ids().isEmpty()) {
            values.write("some_records", out -> records.writeAll(out, page.ids(), route.shows()));
        }
        if (counted) {
            values.put("total", page.total()).put("pages", (page.total() + page.size() - 1) / page.size());
        }
        if (next == null) {
            if (paging.linkHeader()) {
                links(exchange, paging, page, quirk);
            }
            return;
        }
        if (counted) {
            values.put("next", Wire.number(next));
        } else {
            values.put("next", next);
        }
        String pathAndQuery = exchange.path() + "?" + query(exchange, paging.place(), next);
        values.put("next_path", pathAndQuery).put("next_url", base(quirk) + pathAndQuery);
        if (paging.linkHeader()) {
            links(exchange, paging, page, quirk);
        }
    }

    private String base(Dialect.Quirk quirk) {
        return quirk == Dialect.Quirk.FOREIGN_LINK ? FOREIGN : state.uri().get().toString();
    }

    /** RFC 8288: those of first, prev, next and last that there are. */
    private void links(HttpExchange exchange, DescribedPaging paging, DescribedPages.Page page, Dialect.Quirk quirk) {
        List<String> links = new ArrayList<>();
        if (page.start() > 0) {
            links.add(link(exchange, paging, place(paging, page, page.start() - page.size()), "prev", quirk));
        }
        if (page.next() != null) {
            links.add(link(exchange, paging, page.next(), "next", quirk));
        }
        if (page.next() != null && page.total() > 0) {
            links.add(link(exchange, paging, place(paging, page, page.total() - 1), "last", quirk));
        }
        if (page.start() > 0) {
            links.add(link(exchange, paging, place(paging, page, 0), "first", quirk));
        }
        if (!links.isEmpty()) {
            exchange.header("Link", String.join(", ", links));
        }
    }

    private static String place(DescribedPaging paging, DescribedPages.Page page, long record) {
        long start = Math.max(0, record);
        return Long.toString(
                paging.kind() == DescribedPaging.Kind.PAGE ? paging.firstPage() + start / page.size() : start);
    }

    private String link(
            HttpExchange exchange, DescribedPaging paging, String place, String relation, Dialect.Quirk quirk) {
        return "<" + base(quirk) + exchange.path() + "?" + query(exchange, paging.place(), place) + ">; rel=\""
                + relation + "\"";
    }

    /** The request's query with another place. */
    private static String query(HttpExchange exchange, String name, String place) {
        List<String> pairs = new ArrayList<>();
        String query = exchange.rawQuery();
        if (query != null && !query.isEmpty()) {
            for (String pair : query.split("&", -1)) {
                if (!pair.startsWith(name + "=")) {
                    pairs.add(pair);
                }
            }
        }
        pairs.add(name + "=" + URLEncoder.encode(place, StandardCharsets.UTF_8));
        return String.join("&", pairs);
    }
}
