package dev.toolpost.schemas;

/** A message and the form it came in. */
public record Decoded<T>(T value, Format format) {}
