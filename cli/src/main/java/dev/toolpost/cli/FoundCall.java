package dev.toolpost.cli;

/** What a call is known by, beside its id. */
record FoundCall(String tool, String tenant, String connection) {}
