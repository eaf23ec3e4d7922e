package dev.toolpost.connectors;

import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * When a part of a request is there: all tests of arguments hold. Immutable.
 *
 * @param tests by argument
 */
public record Condition(List<Test> tests) {

    public Condition {
        tests = List.copyOf(tests);
    }

    /**
     * A test of one argument.
     *
     * @param argument its name
     * @param predicate what must hold of its value
     */
    public record Test(String argument, BodyCondition.Predicate predicate) {}

    /** Whether it holds for these arguments. */
    public boolean holds(JsonNode arguments) {
        for (Test test : tests) {
            if (!test.predicate().holds(arguments.path(test.argument()))) {
                return false;
            }
        }
        return true;
    }
}
