package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads how one tool's list is walked. Used once. */
final class PagingReader {
    /** The parts of a request that say what its body is; one takes the place of another. */
    private static final Set<String> BODIES = Set.of("body", "form", "multipart", "graphql", "raw");

    /** Kinds that a total says nothing about, but whether a list was cut. */
    private static final Set<String> TOTAL_OF_CAP =
            Set.of("cursor", "next_link", "link_header", "last_record", "continue");

    private static final List<String> PLACES = List.of("query", "body", "header");

    private final Section paging;
    private final Section requestSection;
    private final RequestTemplate request;
    private final BiConsumer<Section, String> parameterCheck;
    private final BiConsumer<Section, String> argumentUse;
    private final Function<Section, @Nullable RequestTemplate> requestReader;

    /**
     * Reads paging.
     *
     * @param parameterCheck reports a parameter of the query that is not paging's to fill
     * @param argumentUse notes that a place looks at an argument; reports one that is not known
     * @param requestReader reads the request of later pages
     */
    PagingReader(
            Section paging,
            Section requestSection,
            RequestTemplate request,
            BiConsumer<Section, String> parameterCheck,
            BiConsumer<Section, String> argumentUse,
            Function<Section, @Nullable RequestTemplate> requestReader) {
        this.paging = paging;
        this.requestSection = requestSection;
        this.request = request;
        this.parameterCheck = parameterCheck;
        this.argumentUse = argumentUse;
        this.requestReader = requestReader;
    }

    Paging read() {
        Paging read = new Paging(
                way(paging),
                paging.get("records").jsonPointer(),
                paging.flag("records_optional", false),
                end(paging),
                conditions(paging.find("stop")),
                pageSize(paging.find("page_size")),
                cap(),
                null);
        Section later = paging.find("later");
        return later == null ? read : withLater(read, later);
    }

    private Paging.Way way(Section section) {
        String kind = section.text("kind");
        return switch (kind) {
            case "cursor" -> new Paging.Cursor(source(section.get("next")), place(section.get("cursor"), true));
            case "offset" -> {
                warnAboutEndless("total");
                yield new Paging.Offset(
                        place(section.get("offset"), true),
                        section.number("first", 0),
                        sourceOrNull(section, "total"),
                        section.flag("short_page_ends", true));
            }
            case "page" -> pageNumber(section);
            case "next_link" -> new Paging.NextLink(source(section.get("next")));
            case "link_header" -> new Paging.LinkHeader();
            case "last_record" -> {
                warnAboutEndless("page_size");
                yield new Paging.LastRecord(
                        section.get("id").jsonPointer(),
                        place(section.get("cursor"), true),
                        section.flag("short_page_ends", true));
            }
            case "continue" -> continued(section);
            default -> throw new IllegalStateException("the format's schema lets paging kind " + kind + " pass");
        };
    }

    private Paging.PageNumber pageNumber(Section section) {
        warnAboutEndless("total_pages");
        if (section.has("total") && section.has("total_pages")) {
            errorAtKey(section.get("total"), "total and total_pages say the same thing twice", "keep one of them");
        }
        if (section.has("total") && !section.has("page_size")) {
            errorAtKey(
                    section.get("total"),
                    "the number of all records says nothing about pages of unknown size",
                    "add page_size, or write total_pages");
        }
        return new Paging.PageNumber(
                place(section.get("page"), true),
                section.number("first", 1),
                sourceOrNull(section, "total_pages"),
                sourceOrNull(section, "total"),
                section.flag("short_page_ends", true));
    }

    private Paging.Continue continued(Section section) {
        boolean inBody = section.text("into", "query").equals("body");
        if (inBody && hasNoBody()) {
            section.get("into").error("a " + request.method() + " request has no body", "write into: query");
        }
        return new Paging.Continue(section.get("next").jsonPointer(), inBody);
    }

    private static Paging.Source source(Section section) {
        return section.node().isObject()
                ? new Paging.FromHeader(section.text("header"))
                : new Paging.FromBody(section.jsonPointer());
    }

    private static Paging.@Nullable Source sourceOrNull(Section section, String name) {
        Section found = section.find(name);
        return found == null ? null : source(found);
    }

    private static Paging.@Nullable EndFlag end(Section section) {
        Section more = section.find("more");
        Section done = section.find("done");
        if (more != null && done != null) {
            errorAtKey(
                    done,
                    "done and more say the same thing twice",
                    "keep more for a flag that is false on the last page, done for one that is true on it");
        }
        if (more != null) {
            return new Paging.EndFlag(source(more), false);
        }
        return done == null ? null : new Paging.EndFlag(source(done), true);
    }

    private static List<Paging.AllOf> conditions(@Nullable Section section) {
        return section == null
                ? List.of()
                : section.itemsOrSelf().stream()
                        .map(one -> new Paging.AllOf(ErrorRulesReader.body(one)))
                        .toList();
    }

    /** Without any of these every list costs one request more, for the empty page after the last. */
    private void warnAboutEndless(String total) {
        List<String> ends = List.of("more", "done", "stop", "total", total, "page_size");
        if (ends.stream().noneMatch(paging::has)) {
            paging.problems()
                    .warning(
                            paging.pointer(),
                            "only a page without records ends the list",
                            "name more, done, "
                                    + (total.equals("page_size") ? "" : total + " ")
                                    + "or page_size where the vendor has one");
        }
    }

    private Paging.@Nullable PageSize pageSize(@Nullable Section size) {
        if (size == null) {
            return null;
        }
        if (PLACES.stream().filter(size::has).count() != 1) {
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
        return new Paging.PageSize(place(size, true), smallest, standard, largest);
    }

    private Paging.@Nullable Cap cap() {
        Section restart = paging.find("restart");
        List<Paging.AllOf> cut = conditions(paging.find("capped"));
        Integer pages = paging.has("max_pages") ? Integer.valueOf(paging.number("max_pages", 0)) : null;
        Integer rows = paging.has("max_rows") ? Integer.valueOf(paging.number("max_rows", 0)) : null;
        if (pages == null && rows == null && cut.isEmpty()) {
            if (paging.has("total") && TOTAL_OF_CAP.contains(paging.text("kind"))) {
                errorAtKey(
                        paging.get("total"),
                        "pages of kind " + paging.text("kind") + " end without a total",
                        "remove it, or add max_pages or max_rows as the vendor documents it");
            }
            if (restart != null) {
                errorAtKey(
                        restart,
                        "nothing says when the list is to be asked for anew",
                        "add max_pages, max_rows or capped as the vendor documents it");
            }
            return null;
        }
        Paging.PageSize size = pageSizeOrNull();
        if (rows != null && size != null && size.smallest() > rows) {
            paging.get("max_rows")
                    .error("max_rows: " + rows + " (expected: >= the smallest page, " + size.smallest() + ")", "");
        }
        return new Paging.Cap(
                pages, rows, cut, sourceOrNull(paging, "total"), restart == null ? null : restart(restart));
    }

    /** Without reporting what is wrong with it a second time. */
    private Paging.@Nullable PageSize pageSizeOrNull() {
        Section size = paging.find("page_size");
        return size == null
                ? null
                : new Paging.PageSize(new Paging.InQuery(""), size.number("min", 1), 1, size.number("max", 1));
    }

    private Paging.Restart restart(Section restart) {
        boolean inclusive = restart.flag("inclusive", false);
        Section id = restart.find("id");
        if (inclusive && id == null) {
            restart.error(
                    "records of the same value come twice and cannot be told apart",
                    "add id: where a record holds what it is told by, for example /id");
        }
        if (!inclusive && id != null) {
            errorAtKey(id, "nothing comes twice without inclusive: true", "remove id, or add inclusive: true");
        }
        Section value = restart.find("value");
        return new Paging.Restart(
                restart.get("from").jsonPointer(),
                place(restart.get("to"), false),
                value == null ? null : template(value),
                inclusive,
                id == null ? null : id.jsonPointer(),
                when(restart.find("when")));
    }

    private List<BodyCondition> when(@Nullable Section when) {
        List<BodyCondition> conditions = ErrorRulesReader.body(when);
        if (when != null) {
            for (BodyCondition condition : conditions) {
                JsonPointer pointer = condition.pointer();
                argumentUse.accept(when, pointer.matches() ? "" : pointer.getMatchingProperty());
            }
        }
        return conditions;
    }

    private BodyTemplate.Node template(Section section) {
        JsonNode node = section.node();
        if (node.isObject()) {
            SequencedMap<String, BodyTemplate.Node> members = new LinkedHashMap<>();
            section.members().forEach((name, one) -> members.put(name, template(one)));
            return new BodyTemplate.Members(members);
        }
        if (node.isArray()) {
            return new BodyTemplate.Items(
                    section.items().stream().map(this::template).toList());
        }
        TextTemplate text = node.isString() ? section.parsed(TextTemplate::parse) : null;
        if (text == null) {
            return new BodyTemplate.Constant(node);
        }
        for (String name : text.arguments()) {
            if (!name.equals(Paging.Restart.VALUE)) {
                section.error("{" + name + "} is not there", "a restart knows {" + Paging.Restart.VALUE + "} alone");
            }
        }
        if (text.arguments().isEmpty()) {
            String constant = text.parts().isEmpty()
                    ? ""
                    : ((TextTemplate.Literal) text.parts().getFirst()).text();
            return new BodyTemplate.Constant(JsonNodeFactory.instance.stringNode(constant));
        }
        return text.singleArgument() == null
                ? new BodyTemplate.Text(text)
                : new BodyTemplate.Value(Paging.Restart.VALUE);
    }

    private Paging withLater(Paging first, Section later) {
        Section own = later.find("request");
        RequestTemplate template = own == null ? request : requestReader.apply(merged(own));
        List<String> allowed = switch (first.way()) {
            case Paging.Cursor _, Paging.NextLink _ -> List.of("next");
            case Paging.Offset _,
                    Paging.PageNumber _,
                    Paging.LinkHeader _,
                    Paging.LastRecord _,
                    Paging.Continue _,
                    Paging.Rows _ -> List.of();
        };
        if (later.has("next") && !allowed.contains("next")) {
            errorAtKey(later.get("next"), "this kind of paging has no next", "remove it");
        }
        Paging.Way way = switch (first.way()) {
            case Paging.Cursor(Paging.Source next, Paging.Place cursor) ->
                new Paging.Cursor(later.has("next") ? source(later.get("next")) : next, cursor);
            case Paging.NextLink(Paging.Source next) ->
                new Paging.NextLink(later.has("next") ? source(later.get("next")) : next);
            case Paging.Way same -> same;
        };
        Paging.EndFlag end = end(later);
        Paging paging = new Paging(
                way,
                later.has("records") ? later.get("records").jsonPointer() : first.records(),
                first.recordsOptional(),
                end == null ? first.end() : end,
                later.has("stop") ? conditions(later.find("stop")) : first.stop(),
                first.pageSize(),
                first.cap(),
                null);
        return template == null
                ? first
                : new Paging(
                        first.way(),
                        first.records(),
                        first.recordsOptional(),
                        first.end(),
                        first.stop(),
                        first.pageSize(),
                        first.cap(),
                        new Paging.Later(template, paging));
    }

    /** The request of later pages: the tool's, with what is written here in the place of its parts. */
    private Section merged(Section own) {
        ObjectNode merged = (ObjectNode) requestSection.node().deepCopy();
        List<String> names = new ArrayList<>(own.members().sequencedKeySet());
        if (names.stream().anyMatch(BODIES::contains)) {
            BODIES.forEach(merged::remove);
        }
        names.forEach(name -> merged.set(name, own.get(name).node()));
        return new Section(merged, own.pointer(), own.problems());
    }

    /** @param additional whether the place must be free; a restart may take that of an argument */
    private Paging.Place place(Section place, boolean additional) {
        List<String> places = PLACES.stream().filter(place::has).toList();
        if (places.size() != 1) {
            place.error("not one place", "write one of query, body and header");
        }
        if (places.isEmpty()) {
            return new Paging.InQuery("");
        }
        if (place.has("query")) {
            String name = place.text("query");
            boolean taken = request.query().stream().anyMatch(one -> one.name().equals(name));
            if (taken && additional) {
                place.get("query")
                        .error("the request sets the parameter " + name + " too", "remove it there: paging fills it");
            }
            parameterCheck.accept(place.get("query"), name);
            return new Paging.InQuery(name);
        }
        if (place.has("header")) {
            String name = place.text("header");
            ConnectorReader.refuseReserved(place.get("header"), name);
            if (additional && request.headers().keySet().stream().anyMatch(name::equalsIgnoreCase)) {
                place.get("header")
                        .error("the request sets the header " + name + " too", "remove it there: paging fills it");
            }
            return new Paging.InHeader(name, place.text("prefix", ""));
        }
        JsonPointer pointer = place.get("body").jsonPointer();
        if (pointer.matches()) {
            place.get("body").error("the body as a whole cannot be the place", "name a member: /after");
        }
        if (hasNoBody()) {
            place.get("body")
                    .error("a " + request.method() + " request has no body", "write query: NAME, or another method");
        }
        return new Paging.InBody(pointer, place.text("as", "text").equals("number"));
    }

    private boolean hasNoBody() {
        return request.method().equals("GET") || request.method().equals("DELETE");
    }

    private static void errorAtKey(Section section, String message, String fix) {
        section.problems().errorAtKey(section.pointer(), message, fix);
    }
}
