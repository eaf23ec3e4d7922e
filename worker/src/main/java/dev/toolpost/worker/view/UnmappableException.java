package dev.toolpost.worker.view;

import dev.toolpost.schemas.ErrorCode;

/** A record of a vendor's answer cannot be brought into a common model. */
public final class UnmappableException extends Exception {

    private final int index;
    private final String model;
    private final String reason;

    UnmappableException(int index, String model, String reason) {
        super(null, null, false, false);
        this.index = index;
        this.model = model;
        this.reason = reason;
    }

    /** The same of a record at another place of its page. */
    UnmappableException at(int otherIndex) {
        return new UnmappableException(otherIndex, model, reason);
    }

    /** Place of the record in its page from 0; 0 where the answer as a whole is the record. */
    public int index() {
        return index;
    }

    public ErrorCode code() {
        return ErrorCode.MALFORMED_RESPONSE;
    }

    /** For the caller. */
    @Override
    public String getMessage() {
        return "Record " + index + " of the vendor's answer cannot be mapped to " + model + ": " + reason;
    }

    /** What the caller can do. */
    public String remedy() {
        return "Ask for the native view, which passes the vendor's records on as they are.";
    }
}
