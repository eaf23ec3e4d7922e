/**
 * The permits of limits that all workers share, kept in Redis or Valkey.
 *
 * <p>{@link dev.toolpost.worker.ratelimit.shared.SharedLimits} is the way in, one a process. {@code
 * SharedWindow} says what counts of a strict window, which a script keeps as a log; {@link
 * dev.toolpost.worker.ratelimit.shared.SharedLimit} how much of any other limit may be granted, of which Bucket4j keeps the tokens.
 */
@NullMarked
package dev.toolpost.worker.ratelimit.shared;

import org.jspecify.annotations.NullMarked;
