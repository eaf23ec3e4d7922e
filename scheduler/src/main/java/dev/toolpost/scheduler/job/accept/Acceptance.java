package dev.toolpost.scheduler.job.accept;

import dev.toolpost.message.FieldError;
import dev.toolpost.message.ToolError;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came of a job that was submitted. */
public sealed interface Acceptance {

    /** It is taken on. */
    record Accepted(JobPlan plan) implements Acceptance {}

    /** It is refused. */
    record Rejected(ErrorCode code, String message, List<FieldProblem> fields, String remedy) implements Acceptance {

        static Rejected field(ErrorCode code, String path, String message, @Nullable String remedy) {
            return new Rejected(
                    code,
                    path.isEmpty() ? message : path + ": " + message,
                    List.of(new FieldProblem(path, message)),
                    remedy == null ? "Correct the named fields and submit the job again." : remedy);
        }

        /** As it stands in messages. */
        public ToolError toMessage() {
            return ToolError.newBuilder()
                    .setCode(code.name())
                    .setMessage(message)
                    .setRetryable(false)
                    .setFields(fields.stream()
                            .map(problem -> FieldError.newBuilder()
                                    .setPath(problem.path())
                                    .setMessage(problem.message())
                                    .build())
                            .toList())
                    .setRemedy(remedy)
                    .build();
        }
    }
}
