package dev.toolpost.cli;

import dev.toolpost.connectors.Loopback;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorHttpSettings;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** How commands themselves reach a vendor: within the addresses that the configuration allows. */
final class VendorAccess {
    private VendorAccess() {}

    /** @param named addresses of the command line: who names a server of this machine there means it */
    static VendorHttp http(ToolpostConfig config, Collection<String> named) {
        List<String> allowed = new ArrayList<>(config.http().allowAddresses());
        if (named.stream().anyMatch(VendorAccess::isThisMachine)) {
            allowed.add("127.0.0.0/8");
            allowed.add("::1/128");
        }
        return new VendorHttp(VendorHttpSettings.DEFAULTS
                .withConnectTimeout(config.http().connectTimeout())
                .withMaxBodyBytes(
                        Math.toIntExact(config.http().maxResponseSize().bytes()))
                .withAddresses(AddressPolicy.allowing(allowed)));
    }

    /** Whether an address, or a host, is of this machine. */
    static boolean isThisMachine(String address) {
        try {
            URI uri = URI.create(address);
            return Loopback.isLoopback(uri.getHost() == null ? address : uri.getHost());
        } catch (IllegalArgumentException noAddress) {
            return false;
        }
    }
}
