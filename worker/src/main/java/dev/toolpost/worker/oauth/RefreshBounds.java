package dev.toolpost.worker.oauth;

import java.time.Duration;

/**
 * How long a refresh may take. Immutable.
 *
 * @param request from the written intent to the end of the token request
 */
public record RefreshBounds(Duration request) {

    public static final RefreshBounds STANDARD = new RefreshBounds(Duration.ofSeconds(25));

    /** From the written intent to the send; a process that was stopped in between finds it over. */
    Duration send() {
        return request.dividedBy(5);
    }

    /** For how long a refresh counts as under way; longer than its request may take. */
    Duration intentLife() {
        return request.plus(request.dividedBy(5));
    }
}
