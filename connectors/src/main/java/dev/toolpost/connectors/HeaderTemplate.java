package dev.toolpost.connectors;

import org.jspecify.annotations.Nullable;

/**
 * The value of a header.
 *
 * @param value its template; the header is left out where an argument in it is absent
 * @param when when it is there, or null for always
 */
public record HeaderTemplate(TextTemplate value, @Nullable Condition when) {}
