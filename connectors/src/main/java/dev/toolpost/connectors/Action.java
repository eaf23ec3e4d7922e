package dev.toolpost.connectors;

/** What a tool does at its vendor, for the executor of its connector. */
public sealed interface Action permits RequestTemplate, Statement {}
