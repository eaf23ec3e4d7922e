package dev.toolpost.connectors;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what follows a tool's request: poll and download. Used once. */
final class OperationReader {
    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final Duration DEADLINE = Duration.ofMinutes(30);

    private final Section operation;
    private final TemplateNames names;
    private final ArgumentsSchema arguments;
    private final List<Auth> auth;

    OperationReader(Section operation, TemplateNames names, ArgumentsSchema arguments, List<Auth> auth) {
        this.operation = operation;
        this.names = names;
        this.arguments = arguments;
        this.auth = auth;
    }

    @Nullable
    Operation read() {
        Section poll = operation.get("poll");
        Section download = operation.find("download");
        Map<String, RequestTemplate.Link> links = links(poll, download);
        List<Operation.Value> created = values(operation.find("values"), links);
        List<Operation.Value> polled = values(poll.find("values"), links);
        TemplateNames ofPoll = names.with(named(created));
        RequestTemplate question = new RequestReader(poll.get("request"), ofPoll, auth).read();
        List<AnswerCondition> done = new ArrayList<>();
        for (Section one : poll.get("done").itemsOrSelf()) {
            addCondition(done, one);
        }
        Operation.Download fetch = null;
        if (download != null) {
            RequestTemplate request =
                    new RequestReader(download.get("request"), ofPoll.with(named(polled)), auth).read();
            if (request != null) {
                fetch = new Operation.Download(request, ResponseKind.of(download.text("response", "json")));
            }
        } else if (!polled.isEmpty()) {
            poll.get("values").error("nothing uses values of the poll", "write download, or remove them");
        }
        Duration every = ConnectorReader.positive(poll, "every", EVERY);
        Duration deadline = ConnectorReader.positive(operation, "deadline", DEADLINE);
        warnAboutUnused(created, polled);
        if (question == null || done.isEmpty()) {
            return null;
        }
        return new Operation(
                created,
                new Operation.Poll(
                        question,
                        every,
                        poll.has("waits") ? WaitReader.rules(poll.get("waits")) : RetryRules.DEFAULT.waits(),
                        done,
                        failed(poll.find("failed")),
                        polled),
                fetch,
                deadline);
    }

    private static Set<String> named(List<Operation.Value> values) {
        Set<String> named = new LinkedHashSet<>();
        values.forEach(value -> named.add(value.name()));
        return named;
    }

    private static Map<String, RequestTemplate.Link> links(Section poll, @Nullable Section download) {
        Map<String, RequestTemplate.Link> links = new LinkedHashMap<>();
        for (Section step : download == null ? List.of(poll) : List.of(poll, download)) {
            Section request = step.get("request");
            Section link = request.find("link");
            if (link != null) {
                links.put(link.text(), RequestReader.link(request, link));
            }
        }
        return links;
    }

    private List<Operation.Value> values(@Nullable Section values, Map<String, RequestTemplate.Link> links) {
        List<Operation.Value> read = new ArrayList<>();
        if (values != null) {
            for (Map.Entry<String, Section> one : values.members().entrySet()) {
                String name = one.getKey();
                Section place = one.getValue();
                if (arguments.declares(name)) {
                    place.problems()
                            .errorAtKey(
                                    place.pointer(), "'" + name + "' is an argument already", "give it another name");
                }
                ValueSource source = place.node().isObject()
                        ? WaitReader.value(place)
                        : new ValueSource(new ValueSource.Body(place.jsonPointer()), null);
                if (source != null) {
                    read.add(new Operation.Value(name, source, links.get(name)));
                }
            }
        }
        return read;
    }

    private static void addCondition(List<AnswerCondition> conditions, Section one) {
        StatusSet statuses =
                one.has("status") ? ErrorRulesReader.statuses(one.find("status")) : StatusSet.range(200, 299);
        if (statuses != null) {
            conditions.add(new AnswerCondition(
                    statuses, ErrorRulesReader.headers(one.find("headers")), ErrorRulesReader.body(one.find("body"))));
        }
    }

    private static List<Operation.Failed> failed(@Nullable Section failed) {
        List<Operation.Failed> read = new ArrayList<>();
        if (failed != null) {
            for (Section one : failed.itemsOrSelf()) {
                List<AnswerCondition> when = new ArrayList<>();
                addCondition(when, one.get("when"));
                Meaning meaning = Meaning.of(one.text("means", "REJECTED"));
                when.forEach(condition -> read.add(new Operation.Failed(
                        condition, meaning, one.jsonPointers("message"), one.textOrNull("remedy"))));
            }
        }
        return read;
    }

    private void warnAboutUnused(List<Operation.Value> created, List<Operation.Value> polled) {
        for (List<Operation.Value> values : List.of(created, polled)) {
            for (Operation.Value value : values) {
                if (!names.used().contains(value.name())) {
                    operation
                            .problems()
                            .warning(
                                    operation.pointer(),
                                    "the value '" + value.name() + "' is used nowhere",
                                    "use it in poll or download, or remove it");
                }
            }
        }
        if (created.isEmpty()) {
            operation
                    .problems()
                    .warning(
                            operation.pointer(),
                            "nothing is taken from the first answer",
                            "name under values what the poll needs, such as the job's id");
        }
    }
}
