package dev.toolpost.schemas;

/**
 * What is wrong with one field of a message.
 *
 * @param path JSON pointer into the message; empty for the message as a whole
 * @param message the value, the expectation and the way out
 */
public record FieldProblem(String path, String message) {}
