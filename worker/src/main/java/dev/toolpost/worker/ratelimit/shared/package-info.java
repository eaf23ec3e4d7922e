/**
 * The permits of limits that all workers share, kept in Redis or Valkey.
 *
 * <p>{@link dev.toolpost.worker.ratelimit.shared.SharedLimits} is the way in, one a process. {@link
 * dev.toolpost.worker.ratelimit.shared.SharedLimit} says how much of a vendor's limit may be granted; Bucket4j keeps the tokens.
 */
@NullMarked
package dev.toolpost.worker.ratelimit.shared;

import org.jspecify.annotations.NullMarked;
