package dev.toolpost.worker.request;

import dev.toolpost.connectors.PercentEncoding;
import dev.toolpost.connectors.QueryParameter;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** Appends parameters to a URL. Not thread-safe. */
final class QueryText {

    private final StringBuilder url;
    private char separator;

    /** @param separator what stands before the first parameter: {@code ?}, or {@code &} where the URL has some already */
    QueryText(StringBuilder url, char separator) {
        this.url = url;
        this.separator = separator;
    }

    void add(String name, String value) {
        addEncoded(name, PercentEncoding.query(value));
    }

    private void addEncoded(String name, String encodedValue) {
        url.append(separator).append(PercentEncoding.query(name)).append('=').append(encodedValue);
        separator = '&';
    }

    void add(QueryParameter parameter, Rendering rendering) throws RequestProblemException {
        String single = parameter.value().singleArgument();
        JsonNode value = single == null
                ? MissingNode.getInstance()
                : rendering.arguments().path(single);
        if (single == null || !value.isArray()) {
            String text = rendering.text(parameter.value());
            if (text != null) {
                add(parameter.name(), text);
            }
            return;
        }
        List<String> items = new ArrayList<>();
        for (JsonNode item : value) {
            items.add(PercentEncoding.query(Rendering.scalar(single, item)));
        }
        switch (parameter.list()) {
            case REPEAT -> items.forEach(item -> addEncoded(parameter.name(), item));
            case BRACKETS -> items.forEach(item -> addEncoded(parameter.name() + "[]", item));
            case COMMA -> addJoined(parameter, items, ",");
            case SPACE -> addJoined(parameter, items, "%20");
            case PIPE -> addJoined(parameter, items, "%7C");
        }
    }

    private void addJoined(QueryParameter parameter, List<String> items, String between) {
        if (!items.isEmpty()) {
            addEncoded(parameter.name(), String.join(between, items));
        }
    }
}
