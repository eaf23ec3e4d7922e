package dev.toolpost.worker.reply;

import dev.toolpost.message.FieldError;
import dev.toolpost.message.ToolError;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a call failed, in the closed set of codes. Immutable.
 *
 * @param code who must act, and how
 * @param message names the value, the expectation and the way out
 * @param retryable whether the same call can succeed later
 * @param retryAt when it may be tried again; null where nobody can say
 * @param vendorStatus the vendor's HTTP status, or null
 * @param vendorCode the vendor's own code, or null
 * @param fields what is wrong with which argument
 * @param remedy what to do next, or null
 * @param vendorBody the vendor's error as JSON text, or null
 */
public record CallError(
        ErrorCode code,
        String message,
        boolean retryable,
        @Nullable Instant retryAt,
        @Nullable Integer vendorStatus,
        @Nullable String vendorCode,
        List<FieldProblem> fields,
        @Nullable String remedy,
        @Nullable String vendorBody) {

    public CallError {
        fields = List.copyOf(fields);
    }

    /** An error that the vendor has no part in. */
    public static CallError of(ErrorCode code, String message, @Nullable String remedy) {
        return new CallError(code, message, code.retryable(), null, null, null, List.of(), remedy, null);
    }

    /** The same without the vendor's own words, for where they do not fit. */
    public CallError withoutVendorBody() {
        return new CallError(code, message, retryable, retryAt, vendorStatus, vendorCode, fields, remedy, null);
    }

    /** The same, where the same call would end the same way. */
    public CallError finalForThisCall() {
        return new CallError(code, message, false, null, vendorStatus, vendorCode, fields, remedy, vendorBody);
    }

    /** An error about single fields of the call. */
    public static CallError ofFields(
            ErrorCode code, String message, List<FieldProblem> fields, @Nullable String remedy) {
        return new CallError(code, message, code.retryable(), null, null, null, fields, remedy, null);
    }

    /** The same with the time from which it may be tried again. */
    public CallError retryAt(Instant time) {
        return new CallError(code, message, true, time, vendorStatus, vendorCode, fields, remedy, vendorBody);
    }

    /** As frames and events say it. */
    public ToolError toMessage() {
        List<FieldError> problems = new ArrayList<>();
        for (FieldProblem field : fields) {
            problems.add(FieldError.newBuilder()
                    .setPath(field.path())
                    .setMessage(field.message())
                    .build());
        }
        return ToolError.newBuilder()
                .setCode(code.name())
                .setMessage(message)
                .setRetryable(retryable)
                .setRetryAt(retryAt == null ? null : retryAt.toEpochMilli())
                .setVendorStatus(vendorStatus)
                .setVendorCode(vendorCode)
                .setFields(problems)
                .setRemedy(remedy)
                .setVendorBody(vendorBody)
                .build();
    }
}
