package dev.toolpost.scheduler.job.state;

import dev.toolpost.message.ToolError;
import dev.toolpost.schemas.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Why a part failed, as much of it as is kept. Immutable.
 *
 * @param code one of the closed set of error codes, or one of a newer release
 */
public record PartError(
        String code,
        String message,
        boolean retryable,
        @Nullable Long retryAt,
        @Nullable Integer vendorStatus,
        @Nullable String vendorCode,
        @Nullable String remedy) {

    private static final int LONGEST_TEXT = 500;

    static PartError of(ErrorCode code, String message, @Nullable String remedy) {
        return new PartError(code.name(), message, code.retryable(), null, null, null, remedy);
    }

    static PartError of(@Nullable ToolError error) {
        if (error == null) {
            return of(ErrorCode.INTERNAL, "the part failed, and its event does not say why", null);
        }
        return new PartError(
                error.getCode(),
                shortened(error.getMessage()),
                error.getRetryable(),
                error.getRetryAt(),
                error.getVendorStatus(),
                error.getVendorCode() == null ? null : shortened(error.getVendorCode()),
                error.getRemedy() == null ? null : shortened(error.getRemedy()));
    }

    boolean is(ErrorCode other) {
        return code.equals(other.name());
    }

    /** As it stands in messages. */
    public ToolError toMessage() {
        return ToolError.newBuilder()
                .setCode(code)
                .setMessage(message)
                .setRetryable(retryable)
                .setRetryAt(retryAt)
                .setVendorStatus(vendorStatus)
                .setVendorCode(vendorCode)
                .setRemedy(remedy)
                .build();
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "...";
    }
}
