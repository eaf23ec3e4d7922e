package dev.toolpost.worker.credentials;

/**
 * Says that somebody refreshes a connection's token now. Written by check-and-set before the token request, so that only
 * one makes it. Immutable.
 *
 * @param owner the process that makes the request
 * @param tokenHash of the refresh token that it sends; the intent means nothing for another one
 * @param since epoch milliseconds at which the refresh token was first meant to be sent
 * @param expires epoch milliseconds after which its owner counts as lost
 * @param again whether an earlier intent for the same refresh token had expired
 */
public record RefreshIntent(String owner, String tokenHash, long since, long expires, boolean again) {}
