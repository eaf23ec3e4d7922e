package dev.toolpost.worker.view;

import dev.toolpost.schemas.ErrorCode;
import org.jspecify.annotations.Nullable;

/** A record of a vendor's answer cannot be shown as the call wants it: not in the common model, or not by its own expression. */
public final class UnmappableException extends Exception {

    private static final int LONGEST_REASON = 300;

    private final int index;
    private final @Nullable String model;
    private final String reason;

    private UnmappableException(int index, @Nullable String model, String reason) {
        super(null, null, false, false);
        this.index = index;
        this.model = model;
        this.reason = reason;
    }

    static UnmappableException to(String model, String reason) {
        return new UnmappableException(0, model, shortened(reason));
    }

    static UnmappableException bySelect(String reason) {
        return new UnmappableException(0, null, shortened(reason));
    }

    private static String shortened(String reason) {
        return reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason;
    }

    /** The same of a record at another place of its page. */
    UnmappableException at(int otherIndex) {
        return new UnmappableException(otherIndex, model, reason);
    }

    /** Place of the record in its page from 0; 0 where the answer as a whole is the record. */
    public int index() {
        return index;
    }

    /** Whether the call's own expression failed, which another one may cure; else the record itself is at fault. */
    public boolean isOfSelect() {
        return model == null;
    }

    public ErrorCode code() {
        return isOfSelect() ? ErrorCode.INVALID_CALL : ErrorCode.MALFORMED_RESPONSE;
    }

    /** For the caller. */
    @Override
    public String getMessage() {
        return isOfSelect()
                ? "select fails on record " + index + " of the vendor's answer: " + reason
                : "Record " + index + " of the vendor's answer cannot be mapped to " + model + ": " + reason;
    }

    /** What the caller can do. */
    public String remedy() {
        return isOfSelect()
                ? "Correct the expression, or leave select out to see the whole result."
                : "Ask for the native view, which passes the vendor's records on as they are.";
    }
}
