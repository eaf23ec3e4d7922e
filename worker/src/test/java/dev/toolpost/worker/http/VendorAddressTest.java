package dev.toolpost.worker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VendorAddressTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://api.vendor.example/v1/things/51?fields=a%2Cb&limit=10",
                "http://127.0.0.1:8080/v1//things",
                "http://[::1]:8080/v1",
                "https://who@api.vendor.example:443/v1?x=/?/",
                "https://api.vendor.example",
                "https://api.vendor.example?next=/v1",
                "https://api.vendor.example/v1#part",
                "https://api.vendor.example/größe",
                "https://a_name/v1",
                "https:///v1",
                "mailto:who://what/where",
                "/v1/https://api.vendor.example/v2",
            })
    void anAddressHasThePartsOfItsUrl(String url) throws URISyntaxException {
        assertIsAsUri(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://api.vendor.example/a b",
                "https://api.vendor.example/a\r\nHost: other.example",
                "https://api.vendor.example/a%2",
                "https://api.vendor.example/a%zz",
                "https://api.vendor.example/a\"b",
                "https://api vendor.example/a",
                "https://",
            })
    void whatIsNoUrlIsRefused(String url) {
        assertThatThrownBy(() -> VendorAddress.parse(url)).isInstanceOf(URISyntaxException.class);
    }

    @Test
    void anyTextIsTakenApartAsAUrlIs() {
        Random random = new Random(7);
        String[] pieces =
                "http https :// : / // ? # @ % %2F %e4 a Z9 . .. [ ] ::1 api.example 127.0.0.1 :80 & = \n \" < | ^ ` { \\ \u00e4 \uff11 \u0085 ~ ' ( ! * ; + $ , _ -"
                        .split(" ", -1);
        for (int i = 0; i < 50_000; i++) {
            StringBuilder url = new StringBuilder(random.nextInt(4) == 0 ? "" : "https://api.example");
            for (int j = random.nextInt(8); j > 0; j--) {
                url.append(pieces[random.nextInt(pieces.length)]);
            }
            assertIsAsUri(url.toString());
        }
    }

    private static void assertIsAsUri(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException refused) {
            assertThatThrownBy(() -> VendorAddress.parse(url)).as(url).isInstanceOf(URISyntaxException.class);
            return;
        }
        VendorAddress address;
        try {
            address = VendorAddress.parse(url);
        } catch (URISyntaxException refused) {
            throw new AssertionError(url, refused);
        }
        assertThat(address.uri()).as(url).isEqualTo(uri);
        assertThat(address.target()).as(url).isEqualTo(VendorAddress.of(uri).target());
        assertThat(address.path()).as(url).isEqualTo(VendorAddress.of(uri).path());
        assertThat(address.server().getScheme()).as(url).isEqualTo(uri.getScheme());
        assertThat(address.server().getHost()).as(url).isEqualTo(uri.getHost());
        assertThat(address.server().getPort()).as(url).isEqualTo(uri.getPort());
        assertThat(address.server().getRawUserInfo()).as(url).isEqualTo(uri.getRawUserInfo());
        assertThat(address.server().getRawAuthority()).as(url).isEqualTo(uri.getRawAuthority());
    }
}
