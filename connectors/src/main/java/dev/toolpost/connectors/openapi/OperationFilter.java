package dev.toolpost.connectors.openapi;

import dev.toolpost.connectors.openapi.OpenApiDocument.Operation;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Selects operations by patterns in which {@code *} stands for any text: a path ({@code /repos/*}), a method and a path
 * ({@code GET /repos/*}), an operation id ({@code issues/*}) or a tag ({@code tag:issues}). Without patterns it selects all.
 */
final class OperationFilter {
    private final List<Pattern> patterns;

    OperationFilter(List<String> patterns) {
        this.patterns = patterns.stream().map(OperationFilter::compile).toList();
    }

    private static Pattern compile(String pattern) {
        StringBuilder expression = new StringBuilder();
        for (String literal : pattern.toLowerCase(Locale.ROOT).split("\\*", -1)) {
            expression.append(expression.isEmpty() ? "" : ".*").append(Pattern.quote(literal));
        }
        return Pattern.compile(expression.toString(), Pattern.DOTALL);
    }

    boolean selects(Operation operation) {
        if (patterns.isEmpty()) {
            return true;
        }
        for (Pattern pattern : patterns) {
            if (matches(pattern, operation.path())
                    || matches(pattern, operation.name())
                    || matches(pattern, operation.node().path("operationId").asString(""))) {
                return true;
            }
            for (JsonNode tag : operation.node().path("tags")) {
                if (matches(pattern, "tag:" + tag.asString(""))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean matches(Pattern pattern, String text) {
        return pattern.matcher(text.toLowerCase(Locale.ROOT)).matches();
    }
}
