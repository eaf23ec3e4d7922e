package dev.toolpost.connectors;

/** Where a tool's request carries its access token. Immutable. */
public sealed interface TokenPlace {

    /** {@code Authorization: Bearer} (RFC 6750). */
    TokenPlace BEARER = new InHeader("Authorization", "Bearer ");

    /**
     * In a header.
     *
     * @param prefix put before the token as it is
     */
    record InHeader(String name, String prefix) implements TokenPlace {}

    /** In a parameter of the query; such URLs are redacted wherever they are shown. */
    record InQuery(String name) implements TokenPlace {}

    /** In a cookie of this name (RFC 6265). */
    record InCookie(String name) implements TokenPlace {}
}
