package dev.toolpost.worker.http;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Which addresses a vendor may have: everything in the public internet, and of the rest (loopback, private, link-local,
 * cloud metadata, carrier NAT, documentation, multicast, and IPv6 forms that embed one of these) only what the operator
 * allows. Immutable.
 *
 * <p>The ranges follow the IANA special-purpose address registries (RFC 6890 and its updates).
 */
public final class AddressPolicy {

    private static final List<AddressRange> SPECIAL_V4 = ranges(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4");

    /** Only 2000::/3 is global unicast; these parts of it are not for vendors either. */
    private static final List<AddressRange> SPECIAL_V6 =
            ranges("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20");

    private static final AddressRange GLOBAL_UNICAST_V6 = AddressRange.parse("2000::/3");

    private final List<String> allowedHosts;
    private final List<AddressRange> allowedRanges;

    private AddressPolicy(List<String> allowedHosts, List<AddressRange> allowedRanges) {
        this.allowedHosts = allowedHosts;
        this.allowedRanges = allowedRanges;
    }

    /** Public addresses only. */
    public static AddressPolicy publicOnly() {
        return new AddressPolicy(List.of(), List.of());
    }

    /**
     * Public addresses, and what is listed.
     *
     * @param allowed host names ({@code vendor.internal}), suffixes ({@code *.corp.example}), addresses and CIDR ranges
     *     ({@code 127.0.0.0/8}, {@code fd00::/8})
     * @throws IllegalArgumentException for an entry that is none of these
     */
    public static AddressPolicy allowing(List<String> allowed) {
        List<String> hosts = new ArrayList<>();
        List<AddressRange> ranges = new ArrayList<>();
        for (String entry : allowed) {
            if (AddressRange.looksLikeOne(entry)) {
                ranges.add(AddressRange.parse(entry));
            } else if (entry.matches("(\\*\\.)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")) {
                hosts.add(entry.toLowerCase(Locale.ROOT));
            } else {
                throw new IllegalArgumentException("allowed address: " + entry
                        + " (expected: a host name, *.suffix, an address or a CIDR range such as 10.1.0.0/16)");
            }
        }
        return new AddressPolicy(List.copyOf(hosts), List.copyOf(ranges));
    }

    /** Whether a connection to this address may be made for this host name. */
    public boolean allows(String host, InetAddress address) {
        return isPublic(address)
                || allowsHost(host)
                || allowedRanges.stream().anyMatch(range -> range.contains(address));
    }

    private boolean allowsHost(String host) {
        if (allowedHosts.isEmpty()) {
            return false;
        }
        String name = host.toLowerCase(Locale.ROOT);
        for (String allowed : allowedHosts) {
            if (allowed.startsWith("*.") ? name.endsWith(allowed.substring(1)) : name.equals(allowed)) {
                return true;
            }
        }
        return false;
    }

    static boolean isPublic(InetAddress address) {
        if (address instanceof Inet4Address) {
            return SPECIAL_V4.stream().noneMatch(range -> range.contains(address));
        }
        return GLOBAL_UNICAST_V6.contains(address) && SPECIAL_V6.stream().noneMatch(range -> range.contains(address));
    }

    private static List<AddressRange> ranges(String... texts) {
        return List.of(texts).stream().map(AddressRange::parse).toList();
    }
}
