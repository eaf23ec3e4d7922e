package dev.toolpost.worker.classify;

import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong at the vendor, in the words of the contract. Immutable.
 *
 * @param code of the closed set; final only once nothing more is tried
 * @param message the vendor's own where it gave one; without control and invisible characters
 * @param vendorStatus the HTTP status, or null where no answer came
 * @param vendorCode the vendor's own code, or null
 * @param fields what is wrong with single fields, by the vendor's names
 * @param vendorBody the answer's body as JSON text (a body that is not JSON, or is too long, as a JSON string), or null
 * @param remedy what the code's owner can do, or null
 */
public record VendorError(
        ErrorCode code,
        String message,
        @Nullable Integer vendorStatus,
        @Nullable String vendorCode,
        List<FieldProblem> fields,
        @Nullable String vendorBody,
        @Nullable String remedy) {

    public VendorError {
        fields = List.copyOf(fields);
    }

    /** An error without an answer. */
    static VendorError withoutAnswer(ErrorCode code, String message, @Nullable String remedy) {
        return new VendorError(code, message, null, null, List.of(), null, remedy);
    }

    /** The same error under another code. */
    public VendorError as(ErrorCode other, String otherMessage, @Nullable String otherRemedy) {
        return new VendorError(other, otherMessage, vendorStatus, vendorCode, fields, vendorBody, otherRemedy);
    }
}
