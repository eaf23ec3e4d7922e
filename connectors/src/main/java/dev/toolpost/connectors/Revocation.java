package dev.toolpost.connectors;

/**
 * Where a vendor is told that a grant is not needed any more (RFC 7009). Immutable.
 *
 * @param token the secret's field whose value ends the grant: {@code refresh_token} or {@code access_token}
 * @param client how the client authenticates there
 */
public record Revocation(BaseUrl address, String token, TokenEndpoint.Client client) {}
