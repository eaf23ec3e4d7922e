package dev.toolpost.sandbox;

/**
 * When a request arrived.
 *
 * @param nanos on this process's monotonic clock
 * @param millis on the vendor's clock, which can be set ahead
 */
record Moment(long nanos, long millis) {}
