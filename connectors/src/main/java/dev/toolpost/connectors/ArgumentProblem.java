package dev.toolpost.connectors;

/**
 * Something wrong with one argument of a call.
 *
 * @param path JSON Pointer (RFC 6901) into the arguments; empty for the arguments as a whole
 * @param message what is wrong: the expectation and the way out
 */
public record ArgumentProblem(String path, String message) {}
