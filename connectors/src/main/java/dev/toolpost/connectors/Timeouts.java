package dev.toolpost.connectors;

import java.time.Duration;

/**
 * Bounds of one HTTP exchange.
 *
 * @param connect from the first attempt to connect to the end of the TLS handshake
 * @param request the whole exchange, to the last byte of the body; a tool may have its own
 */
public record Timeouts(Duration connect, Duration request) {
    public static final Timeouts DEFAULT = new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(30));
}
