package dev.toolpost.worker.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.worker.request.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class CursorSealTest {

    private static final JsonNode ARGUMENTS = json("{\"properties\":[\"email\"],\"limit\":100}");

    private final CursorKey old = key("2025", 1);
    private final CursorKey current = key("2026", 2);
    private final CursorSeal seal = new CursorSeal(List.of(current, old), new Random(42));

    private static CursorKey key(String id, int fill) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) fill);
        return new CursorKey(id, bytes);
    }

    private static JsonNode json(String text) {
        return CanonicalJson.parse(text);
    }

    private String sealed() {
        return seal.seal("acme", "sales", "hubspot_list_contacts", ARGUMENTS, "52");
    }

    private PagePlace open(String cursor, String arguments) throws InvalidCursorException {
        return seal.open(cursor, "acme", "sales", "hubspot_list_contacts", json(arguments));
    }

    private static void assertInvalid(ThrowingCallable opening) {
        assertThatThrownBy(opening)
                .isInstanceOfSatisfying(
                        InvalidCursorException.class,
                        e -> assertThat(e.remedy()).isNotBlank());
    }

    @Test
    void aCursorComesAloneOrWithItsArgumentsAndAnyLimit() throws InvalidCursorException {
        for (String arguments : List.of(
                "{}",
                "{\"limit\":5}",
                "{\"limit\":5,\"next_cursor\":\"x\",\"properties\":[\"email\"]}",
                "{\"properties\":[\"email\"]}")) {
            PagePlace place = open(sealed(), arguments);

            assertThat(place.vendorCursor()).isEqualTo("52");
            assertThat(place.arguments()).isEqualTo(json("{\"properties\":[\"email\"]}"));
        }
    }

    @Test
    void aCursorOfOtherArgumentsIsInvalid() {
        assertInvalid(() -> open(sealed(), "{\"properties\":[\"phone\"]}"));
        assertInvalid(() -> open(sealed(), "{\"properties\":[\"email\"],\"archived\":true}"));
    }

    @Test
    void aCursorOfAnotherTenantConnectionOrToolIsInvalid() {
        assertInvalid(() -> seal.open(sealed(), "other", "sales", "hubspot_list_contacts", ARGUMENTS));
        assertInvalid(() -> seal.open(sealed(), "acme", "other", "hubspot_list_contacts", ARGUMENTS));
        assertInvalid(() -> seal.open(sealed(), "acme", "sales", "hubspot_search_deals", ARGUMENTS));
        assertInvalid(() -> seal.open(sealed(), "acmes", "ales", "hubspot_list_contacts", ARGUMENTS));
    }

    @Test
    void everyChangedBitMakesACursorInvalid() {
        byte[] bytes = Base64.getUrlDecoder().decode(sealed());
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] forged = bytes.clone();
            forged[bit / 8] ^= (byte) (1 << bit % 8);
            assertInvalid(() -> open(Base64.getUrlEncoder().encodeToString(forged), "{}"));
        }
    }

    @Test
    void everyShortenedCursorIsInvalid() {
        String cursor = sealed();
        for (int length = 0; length < cursor.length(); length++) {
            String cut = cursor.substring(0, length);
            assertInvalid(() -> open(cut, "{}"));
        }
    }

    @Test
    void whatIsNoCursorAtAllIsInvalid() {
        for (String cursor : List.of("", "52", "null", "äöü", "A".repeat(100_000), "////", "AQ", "AX8")) {
            assertInvalid(() -> open(cursor, "{}"));
        }
    }

    @Test
    void theNewestKeySealsAndEveryKeyOpens() throws InvalidCursorException {
        String before = new CursorSeal(List.of(old), new Random(1))
                .seal("acme", "sales", "hubspot_list_contacts", ARGUMENTS, "7");

        assertThat(open(before, "{}").vendorCursor()).isEqualTo("7");
        assertInvalid(() -> new CursorSeal(List.of(old), new Random(1))
                .open(sealed(), "acme", "sales", "hubspot_list_contacts", null));
    }

    @Test
    void aKeyOfTheSameNameWithOtherBytesDoesNotOpen() {
        assertInvalid(() -> new CursorSeal(List.of(key("2026", 3)), new Random(1))
                .open(sealed(), "acme", "sales", "hubspot_list_contacts", null));
    }

    @Test
    void largeArgumentsAreBoundButDoNotTravel() throws InvalidCursorException {
        JsonNode large = json("{\"q\":\"" + "x".repeat(5_000) + "\",\"limit\":1}");
        String cursor = seal.seal("acme", "sales", "t", large, "c");

        assertThat(cursor).hasSizeLessThan(300);
        assertThat(seal.open(cursor, "acme", "sales", "t", large)).satisfies(place -> {
            assertThat(place.vendorCursor()).isEqualTo("c");
            assertThat(place.arguments().has("limit")).isFalse();
            assertThat(place.arguments().get("q").asString()).hasSize(5_000);
        });
        assertInvalid(() -> seal.open(cursor, "acme", "sales", "t", json("{\"q\":\"y\"}")));
        assertThatThrownBy(() -> seal.open(cursor, "acme", "sales", "t", null))
                .isInstanceOf(InvalidCursorException.class)
                .hasMessageContaining("without its arguments");
    }

    @Test
    void aCursorShowsNothingAndIsNeverTheSameTwice() {
        String cursor = seal.seal("acme", "sales", "t", json("{\"q\":\"canary\"}"), "vendor-canary");

        assertThat(new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.ISO_8859_1))
                .doesNotContain("canary", "acme", "sales");
        assertThat(cursor).matches("[A-Za-z0-9_-]+");
        assertThat(sealed()).isNotEqualTo(sealed());
        assertThat(current.toString()).isEqualTo("CursorKey[2026]");
    }

    @Test
    void anyVendorCursorSurvives() throws InvalidCursorException {
        for (String vendorCursor : List.of("", "a b&c=/?#\"\\\n", "日本語😀", "x".repeat(20_000))) {
            String cursor = seal.seal("acme", "sales", "hubspot_list_contacts", json("{}"), vendorCursor);
            assertThat(open(cursor, "{}").vendorCursor()).isEqualTo(vendorCursor);
        }
    }
}
