package dev.toolpost.scheduler.job.accept;

import dev.toolpost.connectors.ToolRef;
import dev.toolpost.scheduler.job.expand.Sample;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import java.util.Iterator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Holds arguments against the schema of their tool. Stateless. */
final class ArgumentCheck {

    private ArgumentCheck() {}

    /** Why the first of the samples that are wrong is; null where none is. */
    static Acceptance.@Nullable Rejected of(ToolRef ref, Stream<Sample> samples) {
        Iterator<Sample> each = samples.iterator();
        while (each.hasNext()) {
            Sample sample = each.next();
            Acceptance.Rejected wrong = of(ref, sample.arguments(), sample::place);
            if (wrong != null) {
                return wrong;
            }
        }
        return null;
    }

    /**
     * Why these are wrong; null where they are not.
     *
     * @param places where in the command something in the arguments stands
     */
    static Acceptance.@Nullable Rejected of(ToolRef ref, ObjectNode arguments, UnaryOperator<String> places) {
        List<FieldProblem> wrong = ref.validator().validate(arguments).stream()
                .map(problem -> new FieldProblem(places.apply(problem.path()), problem.message()))
                .toList();
        return wrong.isEmpty()
                ? null
                : new Acceptance.Rejected(
                        ErrorCode.INVALID_ARGUMENTS,
                        wrong.stream()
                                .map(problem -> problem.path() + ": " + problem.message())
                                .collect(Collectors.joining("; ")),
                        wrong,
                        "Correct the arguments and submit the job again; toolpost tools show "
                                + ref.tool().name() + " prints their schema.");
    }
}
