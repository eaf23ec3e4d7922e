package dev.toolpost.connectors.openapi;

/** An operation cannot be expressed; the message says why, and the operation is left out. */
final class LeftOutException extends Exception {
    LeftOutException(String why) {
        super(why);
    }

    String why() {
        return String.valueOf(getMessage());
    }
}
