package dev.toolpost.connectors;

import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/** Reads how one tool's list is walked. Used once. */
final class PagingReader {
    private final Section paging;
    private final RequestTemplate request;
    private final BiConsumer<Section, String> parameterCheck;

    /** @param parameterCheck reports a parameter of the query that is not paging's to fill */
    PagingReader(Section paging, RequestTemplate request, BiConsumer<Section, String> parameterCheck) {
        this.paging = paging;
        this.request = request;
        this.parameterCheck = parameterCheck;
    }

    Paging read() {
        JsonPointer records = paging.get("records").jsonPointer();
        Paging.EndFlag end = end();
        Paging.PageSize size = pageSize(paging.find("page_size"));
        String kind = paging.text("kind");
        return switch (kind) {
            case "cursor" ->
                new Paging.Cursor(records, paging.get("next").jsonPointer(), place(paging.get("cursor")), end, size);
            case "offset" -> {
                warnAboutEndless("total", end);
                yield new Paging.Offset(
                        records,
                        place(paging.get("offset")),
                        paging.number("first", 0),
                        pointer("total"),
                        end,
                        paging.flag("short_page_ends", true),
                        size);
            }
            case "page" -> {
                warnAboutEndless("total_pages", end);
                yield new Paging.PageNumber(
                        records,
                        place(paging.get("page")),
                        paging.number("first", 1),
                        pointer("total_pages"),
                        end,
                        paging.flag("short_page_ends", true),
                        size);
            }
            case "next_link" ->
                new Paging.NextLink(
                        records, new Paging.LinkInBody(paging.get("next").jsonPointer()), end, size);
            case "link_header" -> new Paging.NextLink(records, new Paging.LinkHeader(), end, size);
            default -> throw new IllegalStateException("the format's schema lets paging kind " + kind + " pass");
        };
    }

    private @Nullable JsonPointer pointer(String name) {
        Section section = paging.find(name);
        return section == null ? null : section.jsonPointer();
    }

    private Paging.@Nullable EndFlag end() {
        Section more = paging.find("more");
        Section done = paging.find("done");
        if (more != null && done != null) {
            done.problems()
                    .errorAtKey(
                            done.pointer(),
                            "done and more say the same thing twice",
                            "keep more for a flag that is false on the last page, done for one that is true on it");
        }
        if (more != null) {
            return new Paging.EndFlag(more.jsonPointer(), false);
        }
        return done == null ? null : new Paging.EndFlag(done.jsonPointer(), true);
    }

    /** Without any of these every list costs one request more, for the empty page after the last. */
    private void warnAboutEndless(String total, Paging.@Nullable EndFlag end) {
        if (end == null && !paging.has(total) && !paging.has("page_size")) {
            paging.problems()
                    .warning(
                            paging.pointer(),
                            "only a page without records ends the list",
                            "name more, done, " + total + " or page_size where the vendor has one");
        }
    }

    private Paging.@Nullable PageSize pageSize(@Nullable Section size) {
        if (size == null) {
            return null;
        }
        List<String> places = List.of("query", "body", "header");
        if (places.stream().filter(size::has).count() != 1) {
            size.error("the page size has no single place", "write one of query, body and header");
            return null;
        }
        int largest = size.number("max", 1);
        int standard = size.number("default", largest);
        int smallest = size.number("min", 1);
        if (standard > largest) {
            size.get("default").error("default: " + standard + " (expected: <= max, " + largest + ")", "");
        }
        if (smallest > standard) {
            size.get("min").error("min: " + smallest + " (expected: <= default, " + standard + ")", "");
        }
        return new Paging.PageSize(place(size), smallest, standard, largest);
    }

    private Paging.Place place(Section place) {
        if (place.has("query")) {
            String name = place.text("query");
            boolean taken = request.query().stream().anyMatch(one -> one.name().equals(name));
            if (taken) {
                place.get("query")
                        .error("the request sets the parameter " + name + " too", "remove it there: paging fills it");
            }
            parameterCheck.accept(place.get("query"), name);
            return new Paging.InQuery(name);
        }
        if (place.has("header")) {
            String name = place.text("header");
            ConnectorReader.refuseReserved(place.get("header"), name);
            if (request.headers().keySet().stream().anyMatch(name::equalsIgnoreCase)) {
                place.get("header")
                        .error("the request sets the header " + name + " too", "remove it there: paging fills it");
            }
            return new Paging.InHeader(name, place.text("prefix", ""));
        }
        JsonPointer pointer = place.get("body").jsonPointer();
        if (pointer.matches()) {
            place.get("body").error("the body as a whole cannot be the place", "name a member: /after");
        }
        if (request.method().equals("GET") || request.method().equals("DELETE")) {
            place.get("body")
                    .error("a " + request.method() + " request has no body", "write query: NAME, or another method");
        }
        return new Paging.InBody(pointer);
    }
}
