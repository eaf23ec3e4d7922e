package dev.toolpost.scheduler.http;

import java.util.Map;
import java.util.Optional;

/**
 * A question that came in.
 *
 * @param path as it was asked, encoded
 * @param variables what stands at the places of a route's {@code {name}}, decoded
 * @param query decoded; of a name given twice the last counts
 */
public record Request(String path, Map<String, String> variables, Map<String, String> query) {

    /** Query parameter by which one instance asks another about what only that one has. */
    public static final String SCOPE = "scope";

    static final String LOCAL = "local";

    public Request {
        variables = Map.copyOf(variables);
        query = Map.copyOf(query);
    }

    /**
     * What stands at a route's {@code {name}}.
     *
     * @throws IllegalArgumentException where the route has no such place
     */
    public String variable(String name) {
        String value = variables.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " (expected: of " + variables.keySet() + ")");
        }
        return value;
    }

    public Optional<String> parameter(String name) {
        return Optional.ofNullable(query.get(name)).filter(value -> !value.isEmpty());
    }

    /**
     * A whole number from 1 on.
     *
     * @param otherwise where it is not given
     * @param most the largest that may be asked for
     * @throws BadRequestException for anything else
     */
    public int number(String name, int otherwise, int most) {
        Optional<String> text = parameter(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text.get());
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new BadRequestException(
                    name + ": \"" + text.get() + "\" (expected: a number from 1 to " + most + ")", e);
        }
        throw new BadRequestException(name + ": " + text.get() + " (expected: a number from 1 to " + most + ")", null);
    }

    /** Whether another instance asks, which must not be answered by asking others. */
    public boolean local() {
        return LOCAL.equals(query.get(SCOPE));
    }
}
