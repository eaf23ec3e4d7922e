package dev.toolpost.connectors;

/**
 * One place where data does not fit its JSON Schema, in words for a person or a model.
 *
 * @param kind what the pointer points at
 * @param pointer JSON Pointer to the value, or to the member that is missing or unknown
 * @param message the value and the expectation, without the place's name
 * @param fix what to do instead, or empty
 */
record Violation(Kind kind, String pointer, String message, String fix) {

    /** What the pointer points at. */
    enum Kind {
        VALUE,
        UNKNOWN_MEMBER,
        MISSING_MEMBER
    }

    String withFix() {
        return fix.isEmpty() ? message : message + "; " + fix;
    }
}
