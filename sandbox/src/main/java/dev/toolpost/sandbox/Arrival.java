package dev.toolpost.sandbox;

/**
 * A request as the vendor saw it come in.
 *
 * @param nanos since the vendor started or was reset, on its monotonic clock
 * @param rejected whether it broke the rate limit
 */
public record Arrival(long nanos, String token, String route, boolean rejected) {}
