package dev.toolpost.worker.ratelimit.shared;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The Redis or Valkey server that keeps shared permits. Immutable; {@code toString} shows no secret.
 *
 * @param url {@code redis://host:port/database}, or {@code rediss://} for TLS; no user in it
 * @param username null for the default user
 * @param password null for none
 * @param passwordFile a file with the password, read for every connection, so that it can be changed; null for none
 * @param caFile PEM with the authorities to trust, or null for the JDK's
 * @param timeout within which every answer comes
 * @param prefix begins the names of all keys
 * @param jitter longest time from the answer that grants to the request's arrival at the vendor
 * @param burst share of a limit's permits that may be granted at once
 */
public record RedisSettings(
        URI url,
        @Nullable String username,
        @Nullable String password,
        @Nullable Path passwordFile,
        @Nullable Path caFile,
        Duration timeout,
        String prefix,
        Duration jitter,
        double burst) {

    static final int DEFAULT_PORT = 6379;

    /** A server without authentication, with defaults for the rest. */
    public static RedisSettings of(URI url) {
        return new RedisSettings(
                url, null, null, null, null, Duration.ofMillis(500), "toolpost:", Duration.ofSeconds(1), 0.1);
    }

    /** Longest time from a grant in the bucket to the request's arrival: the answer itself may take the whole time-out. */
    Duration grantToArrival() {
        return jitter.plus(timeout);
    }

    /** For people: never with a secret. */
    String address() {
        return url.getScheme() + "://" + url.getHost() + ":" + port();
    }

    int port() {
        return url.getPort() < 0 ? DEFAULT_PORT : url.getPort();
    }

    boolean tls() {
        return "rediss".equals(url.getScheme());
    }

    int database() {
        String path = url.getPath();
        return path == null || path.length() < 2 ? 0 : Integer.parseInt(path.substring(1));
    }

    @Override
    public String toString() {
        return "RedisSettings[url=" + url + ", username=" + username + ", password="
                + (password == null ? "none" : "(redacted)") + ", passwordFile=" + passwordFile + ", caFile=" + caFile
                + ", timeout=" + timeout + ", prefix=" + prefix + ", jitter=" + jitter + ", burst=" + burst + "]";
    }
}
