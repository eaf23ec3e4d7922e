package dev.toolpost.connectors;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/** What the classes of SQLSTATE mean (ISO 9075-2, 24.1) where a connector says nothing else. */
final class StandardSqlErrors {
    /** Where the code of an error is, in the form that rules see it in. */
    static final JsonPointer CODE = JsonPointer.compile("/sqlstate");

    private StandardSqlErrors() {}

    /** The rules that follow a connector's own. */
    static List<ErrorRule> rules() {
        return List.of(
                rule("08xxx", Meaning.TRANSIENT, null),
                rule("22xxx", Meaning.INVALID_ARGUMENTS, null),
                rule("23xxx", Meaning.REJECTED, null),
                rule("25006", Meaning.NOT_ALLOWED, null),
                rule("28xxx", Meaning.EXPIRED_CREDENTIAL, null),
                rule("40xxx", Meaning.TRANSIENT, Meaning.CONFLICT),
                rule("42xxx", Meaning.INVALID_ARGUMENTS, null),
                rule("xxxxx", Meaning.REJECTED, null));
    }

    private static ErrorRule rule(String states, Meaning meaning, @Nullable Meaning endsAs) {
        return new ErrorRule(
                Set.of(),
                StatusSet.notSuccessful(),
                List.of(),
                List.of(condition(List.of(states))),
                meaning,
                false,
                Patience.NONE,
                endsAs,
                null,
                null);
    }

    /**
     * A condition on the code.
     *
     * @param states codes of five characters; an {@code x} in lower case stands for any
     */
    static BodyCondition condition(List<String> states) {
        return new BodyCondition(
                CODE,
                new BodyCondition.Matches(
                        TextPattern.compile("^(?:" + String.join("|", states).replace('x', '.') + ")$")));
    }
}
