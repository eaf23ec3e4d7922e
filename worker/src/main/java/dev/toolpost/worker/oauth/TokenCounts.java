package dev.toolpost.worker.oauth;

/**
 * What happened to access tokens since the process started.
 *
 * @param requests token requests sent, or tried to send
 * @param refreshed new access tokens stored
 * @param failures token requests that gave no token and said nothing of the grant
 * @param reauthorizations grants found dead, and fresh tokens that were rejected
 * @param underWay connections whose token is being refreshed, or waited for
 */
public record TokenCounts(long requests, long refreshed, long failures, long reauthorizations, int underWay) {}
