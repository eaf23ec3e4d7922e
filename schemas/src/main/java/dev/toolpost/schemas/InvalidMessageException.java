package dev.toolpost.schemas;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/** The message can be read and its fields are wrong; what could be read is there, so that its sender can be answered. */
public final class InvalidMessageException extends DecodeException {
    public static final String INVALID_FIELDS = "invalid-fields";

    private final transient List<FieldProblem> problems;
    private final transient @Nullable SpecificRecordBase partial;

    public InvalidMessageException(List<FieldProblem> problems, @Nullable SpecificRecordBase partial) {
        super(INVALID_FIELDS, describe(problems), null);
        this.problems = List.copyOf(problems);
        this.partial = partial;
    }

    public List<FieldProblem> problems() {
        return problems;
    }

    /**
     * What could be read, if it is of that type. A required string that is missing or wrong is {@code ""} in it, a
     * required number 0; other fields that are missing or wrong have their defaults.
     */
    public <T> @Nullable T partial(Class<T> type) {
        return type.isInstance(partial) ? type.cast(partial) : null;
    }

    private static String describe(List<FieldProblem> problems) {
        return problems.stream()
                .map(problem ->
                        problem.path().isEmpty() ? problem.message() : problem.path() + ": " + problem.message())
                .collect(Collectors.joining("; "));
    }
}
