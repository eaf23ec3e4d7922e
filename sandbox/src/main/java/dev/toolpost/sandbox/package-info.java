/**
 * What Toolpost needs around it, without anything to install: a real Kafka broker in process, a schema registry, and vendors that
 * answer with real wire shapes under strict limits and fail on demand. Used by {@code demo}, {@code dev}, tests and benchmarks.
 */
@NullMarked
package dev.toolpost.sandbox;

import org.jspecify.annotations.NullMarked;
