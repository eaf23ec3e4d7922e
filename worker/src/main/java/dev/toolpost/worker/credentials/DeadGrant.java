package dev.toolpost.worker.credentials;

/**
 * Says that a refresh token is not accepted any more: nobody sends it again, and the account must be authorised anew.
 * Immutable; holds no secret.
 *
 * @param tokenHash of the refresh token; the marker means nothing for another one
 * @param at epoch milliseconds
 * @param code the vendor's error code, or Toolpost's own
 * @param message for people
 */
public record DeadGrant(String tokenHash, long at, String code, String message) {}
