package dev.toolpost.worker.sql;

import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.http.HostLookup;
import java.net.InetAddress;
import java.time.Duration;

/**
 * How databases are talked to.
 *
 * @param connectionsPerDatabase the most at once for one connection record; its connector's {@code concurrent} limit binds before
 * @param connectTimeout the longest that one address may take to accept a connection, and then for login
 * @param idleTimeout how long an unused connection is kept
 * @param longestLife how long a connection is used at all
 * @param validateAfter an unused connection is tested before use after this long, which costs a round trip
 * @param maxBodyBytes the largest result, as JSON
 * @param addresses which addresses may be connected to
 * @param lookup finds the addresses of a name
 */
public record VendorSqlSettings(
        int connectionsPerDatabase,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration longestLife,
        Duration validateAfter,
        int maxBodyBytes,
        AddressPolicy addresses,
        HostLookup lookup) {

    public static final VendorSqlSettings DEFAULTS = new VendorSqlSettings(
            32,
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofMinutes(30),
            Duration.ofSeconds(1),
            16 << 20,
            AddressPolicy.publicOnly(),
            InetAddress::getAllByName);

    public VendorSqlSettings withConnectTimeout(Duration timeout) {
        return new VendorSqlSettings(
                connectionsPerDatabase,
                timeout,
                idleTimeout,
                longestLife,
                validateAfter,
                maxBodyBytes,
                addresses,
                lookup);
    }

    public VendorSqlSettings withIdleTimeout(Duration timeout) {
        return new VendorSqlSettings(
                connectionsPerDatabase,
                connectTimeout,
                timeout,
                longestLife,
                validateAfter,
                maxBodyBytes,
                addresses,
                lookup);
    }

    public VendorSqlSettings withMaxBodyBytes(int bytes) {
        return new VendorSqlSettings(
                connectionsPerDatabase,
                connectTimeout,
                idleTimeout,
                longestLife,
                validateAfter,
                bytes,
                addresses,
                lookup);
    }

    public VendorSqlSettings withAddresses(AddressPolicy policy) {
        return new VendorSqlSettings(
                connectionsPerDatabase,
                connectTimeout,
                idleTimeout,
                longestLife,
                validateAfter,
                maxBodyBytes,
                policy,
                lookup);
    }

    public VendorSqlSettings withLookup(HostLookup hostLookup) {
        return new VendorSqlSettings(
                connectionsPerDatabase,
                connectTimeout,
                idleTimeout,
                longestLife,
                validateAfter,
                maxBodyBytes,
                addresses,
                hostLookup);
    }
}
