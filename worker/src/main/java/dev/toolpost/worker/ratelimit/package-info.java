/**
 * The permits of a connection: how many requests may be sent now, who goes first, who waits.
 *
 * <p>{@link dev.toolpost.worker.ratelimit.ConnectionLimiter} is the way in. A connection has one bucket with one
 * bandwidth per limit (and per tool where each tool has permits of its own); a call takes one permit of every bandwidth
 * that counts it, all of them at once or none.
 */
@NullMarked
package dev.toolpost.worker.ratelimit;

import org.jspecify.annotations.NullMarked;
