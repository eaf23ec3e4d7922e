package dev.toolpost.worker.request;

import dev.toolpost.schemas.ErrorCode;

/** A request cannot be made of these arguments, or for this connection. Nothing was sent. */
public final class RequestProblemException extends Exception {

    private final ErrorCode code;
    private final String path;
    private final String detail;

    private RequestProblemException(ErrorCode code, String path, String message, String detail) {
        super(message);
        this.code = code;
        this.path = path;
        this.detail = detail;
    }

    private RequestProblemException(ErrorCode code, String path, String message) {
        this(code, path, message, message);
    }

    public static RequestProblemException ofArgument(String name, String message) {
        String path = "/" + name.replace("~", "~0").replace("/", "~1");
        return new RequestProblemException(
                ErrorCode.INVALID_ARGUMENTS, path, "the argument " + name + ": " + message, message);
    }

    /** The place of the page is none of this tool's, for example since its connector changed. */
    public static RequestProblemException ofCursor() {
        return new RequestProblemException(
                ErrorCode.INVALID_CURSOR, "", "the cursor does not fit the tool; start again without a cursor");
    }

    /** The vendor's own link cannot be followed. */
    static RequestProblemException ofLink(String message) {
        return new RequestProblemException(ErrorCode.NOT_ALLOWED, "", message);
    }

    /** The vendor gives no more of the list, though there is more. */
    static RequestProblemException ofEnd(String why) {
        return new RequestProblemException(ErrorCode.RESULT_TOO_LARGE, "", why);
    }

    public static RequestProblemException ofConnection(String message) {
        return new RequestProblemException(ErrorCode.REAUTHORIZATION_REQUIRED, "", message);
    }

    /** INVALID_ARGUMENTS, INVALID_CURSOR, RESULT_TOO_LARGE where a list goes no further, or REAUTHORIZATION_REQUIRED where the connection itself has to be set up again. */
    public ErrorCode code() {
        return code;
    }

    /** JSON Pointer into the arguments; empty where the connection is the problem. */
    public String path() {
        return path;
    }

    /** The message without the argument's name, for where {@link #path} stands beside it. */
    public String detail() {
        return detail;
    }

    /** The message; it shows no secret. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
