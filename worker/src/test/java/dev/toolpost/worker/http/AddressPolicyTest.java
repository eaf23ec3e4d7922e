package dev.toolpost.worker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressPolicyTest {

    private static boolean allows(AddressPolicy policy, String host, String address) {
        return policy.allows(host, InetAddress.ofLiteral(address));
    }

    @Test
    void publicAddressesAreAllowedWithoutConfiguration() {
        for (String address :
                List.of("93.184.216.34", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::1")) {
            assertThat(allows(AddressPolicy.publicOnly(), "api.example.com", address))
                    .as(address)
                    .isTrue();
        }
    }

    @Test
    void addressesAtTheEdgesOfSpecialRangesAreRefused() {
        for (String address : List.of(
                "10.255.255.255",
                "172.16.0.0",
                "172.31.255.255",
                "192.168.255.255",
                "100.127.255.255",
                "169.254.169.254",
                "198.19.255.255",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "fe80::1",
                "fdff::1",
                "ff02::1",
                "2001:db8::1",
                "2002:a00:1::",
                "64:ff9b::a00:1")) {
            assertThat(allows(AddressPolicy.publicOnly(), "api.example.com", address))
                    .as(address)
                    .isFalse();
        }
    }

    @Test
    void anOperatorAllowsRangesHostsAndSuffixes() {
        AddressPolicy policy =
                AddressPolicy.allowing(List.of("10.1.0.0/16", "fd00::/8", "vendor.internal", "*.corp.example"));

        assertThat(allows(policy, "any.example", "10.1.255.1")).isTrue();
        assertThat(allows(policy, "any.example", "10.2.0.1")).isFalse();
        assertThat(allows(policy, "any.example", "fd12::1")).isTrue();
        assertThat(allows(policy, "Vendor.Internal", "10.9.9.9")).isTrue();
        assertThat(allows(policy, "crm.corp.example", "127.0.0.1")).isTrue();
        assertThat(allows(policy, "corp.example", "127.0.0.1")).isFalse();
        assertThat(allows(policy, "evilcorp.example", "127.0.0.1")).isFalse();
    }

    @Test
    void anEntryThatIsNeitherNameNorRangeIsAnErrorThatSaysWhatIsExpected() {
        for (String entry : List.of("10.0.0.0/33", "10.0.0", "http://x", "*", "a b", "", "::1/129")) {
            assertThatThrownBy(() -> AddressPolicy.allowing(List.of(entry)))
                    .as(entry)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected:");
        }
    }
}
