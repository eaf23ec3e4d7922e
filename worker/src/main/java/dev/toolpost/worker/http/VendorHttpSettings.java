package dev.toolpost.worker.http;

import java.net.InetAddress;
import java.time.Duration;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How vendors are talked to.
 *
 * @param connectionsPerHost the pool's size per scheme, host and port; never below the concurrency allowed to one host
 * @param connectTimeout the longest wait for one address to accept a connection, TLS handshake apart
 * @param idleTimeout how long an unused connection is kept; below the vendor's own, or its close races with a request
 * @param validateAfter an unused connection is tested before use after this long, which costs about a millisecond
 * @param maxBodyBytes the largest body of an answer, as sent and decoded
 * @param addresses which addresses may be connected to
 * @param userAgent sent where the connector sets none
 * @param lookup finds the addresses of a name
 * @param trust which servers are trusted, or null for what the platform trusts
 */
public record VendorHttpSettings(
        int connectionsPerHost,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration validateAfter,
        int maxBodyBytes,
        AddressPolicy addresses,
        String userAgent,
        HostLookup lookup,
        @Nullable X509TrustManager trust) {

    public static final VendorHttpSettings DEFAULTS = new VendorHttpSettings(
            1_024,
            Duration.ofSeconds(10),
            Duration.ofSeconds(20),
            Duration.ofSeconds(1),
            16 << 20,
            AddressPolicy.publicOnly(),
            "Toolpost",
            InetAddress::getAllByName,
            null);

    public VendorHttpSettings {
        if (connectionsPerHost < 1) {
            throw new IllegalArgumentException("connectionsPerHost: " + connectionsPerHost + " (expected: >= 1)");
        }
        if (maxBodyBytes < 1) {
            throw new IllegalArgumentException("maxBodyBytes: " + maxBodyBytes + " (expected: >= 1)");
        }
        if (!connectTimeout.isPositive() || !idleTimeout.isPositive() || validateAfter.isNegative()) {
            throw new IllegalArgumentException("connectTimeout, idleTimeout, validateAfter: " + connectTimeout + ", "
                    + idleTimeout + ", " + validateAfter + " (expected: > 0, > 0, >= 0)");
        }
    }

    public VendorHttpSettings withConnectionsPerHost(int connections) {
        return new VendorHttpSettings(
                connections,
                connectTimeout,
                idleTimeout,
                validateAfter,
                maxBodyBytes,
                addresses,
                userAgent,
                lookup,
                trust);
    }

    public VendorHttpSettings withConnectTimeout(Duration timeout) {
        return new VendorHttpSettings(
                connectionsPerHost,
                timeout,
                idleTimeout,
                validateAfter,
                maxBodyBytes,
                addresses,
                userAgent,
                lookup,
                trust);
    }

    public VendorHttpSettings withValidateAfter(Duration after) {
        return new VendorHttpSettings(
                connectionsPerHost,
                connectTimeout,
                idleTimeout,
                after,
                maxBodyBytes,
                addresses,
                userAgent,
                lookup,
                trust);
    }

    public VendorHttpSettings withMaxBodyBytes(int bytes) {
        return new VendorHttpSettings(
                connectionsPerHost,
                connectTimeout,
                idleTimeout,
                validateAfter,
                bytes,
                addresses,
                userAgent,
                lookup,
                trust);
    }

    public VendorHttpSettings withAddresses(AddressPolicy policy) {
        return new VendorHttpSettings(
                connectionsPerHost,
                connectTimeout,
                idleTimeout,
                validateAfter,
                maxBodyBytes,
                policy,
                userAgent,
                lookup,
                trust);
    }

    public VendorHttpSettings withUserAgent(String agent) {
        return new VendorHttpSettings(
                connectionsPerHost,
                connectTimeout,
                idleTimeout,
                validateAfter,
                maxBodyBytes,
                addresses,
                agent,
                lookup,
                trust);
    }

    public VendorHttpSettings withLookup(HostLookup hostLookup) {
        return new VendorHttpSettings(
                connectionsPerHost,
                connectTimeout,
                idleTimeout,
                validateAfter,
                maxBodyBytes,
                addresses,
                userAgent,
                hostLookup,
                trust);
    }

    public VendorHttpSettings withTrust(X509TrustManager manager) {
        return new VendorHttpSettings(
                connectionsPerHost,
                connectTimeout,
                idleTimeout,
                validateAfter,
                maxBodyBytes,
                addresses,
                userAgent,
                lookup,
                manager);
    }
}
