package dev.toolpost.connectors.hotupdate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.connectors.signing.PublicKeys;
import dev.toolpost.connectors.signing.SignedRecord;
import dev.toolpost.connectors.signing.SigningKey;
import dev.toolpost.connectors.signing.Statement;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class PublishedConnectorsTest {
    private static final String TOPIC = "toolpost.connectors";
    private static final SigningKey KEY = SigningKey.generate();

    private String poolProblem;
    private final LiveCatalogue live = LiveCatalogue.load(List.of(), List.of(), InstantSource.system());
    private final PublishedConnectors published = new PublishedConnectors(
            TOPIC,
            PublicKeys.of(List.of(KEY.publicKey())),
            live,
            pool -> pool.equals("common") ? null : poolProblem,
            LoggerFactory.getLogger(PublishedConnectorsTest.class));

    private void publish(String vendor, long version, String yaml, boolean movesHosts) throws InterruptedException {
        byte[] content = yaml.getBytes(StandardCharsets.UTF_8);
        published.accept(SignedRecord.sign(KEY, Statement.about(TOPIC, vendor, version, content, movesHosts), content));
    }

    private String description() {
        ToolRef ref = live.current().byTool("acme_get_thing");
        return ref == null ? "none" : ref.tool().description().replaceAll(".*known\\. ", "");
    }

    private String problem() {
        return live.status().refusals().stream()
                .map(refusal -> refusal.source() + ": " + String.join("; ", refusal.problems()))
                .reduce("", String::concat);
    }

    @Test
    void aSignedDefinitionTakesEffectAndAWithdrawalTakesItAway() throws Exception {
        publish("acme", 1, Acme.yaml("acme", "One."), true);
        assertThat(description()).isEqualTo("One.");
        publish("acme", 2, Acme.yaml("acme", "Two."), true);
        assertThat(description()).isEqualTo("Two.");
        assertThat(live.status().published()).isEqualTo(Map.of("acme", 2L));

        publish("acme", 3, "", true);
        assertThat(description()).isEqualTo("none");
        assertThat(live.status().published()).isEmpty();
        assertThat(problem()).isEmpty();
    }

    @Test
    void anOlderDefinitionCannotBeBroughtBack() throws Exception {
        byte[] old = Acme.yaml("acme", "Old.").getBytes(StandardCharsets.UTF_8);
        SignedRecord first = SignedRecord.sign(KEY, Statement.about(TOPIC, "acme", 1, old, true), old);
        published.accept(first);
        publish("acme", 2, Acme.yaml("acme", "New."), true);
        published.accept(first);
        assertThat(description()).isEqualTo("New.");
        assertThat(problem()).contains("version 1 is not newer than 2");

        publish("acme", 3, "", true);
        published.accept(first);
        publish("acme", 3, Acme.yaml("acme", "Same number."), true);
        assertThat(description()).isEqualTo("none");
    }

    @Test
    void theSameRecordReadAgainChangesNothing() throws Exception {
        publish("acme", 1, Acme.yaml("acme", "One."), true);
        publish("acme", 1, Acme.yaml("acme", "One."), true);

        assertThat(live.status().changes()).isEqualTo(1);
        assertThat(problem()).isEmpty();
    }

    @Test
    void anUnsignedOrForgedRecordIsRefusedCountedAndSeenAndTheDefinitionBeforeItStays() throws Exception {
        publish("acme", 1, Acme.yaml("acme", "One."), true);
        byte[] content = Acme.yaml("acme", "Forged.").getBytes(StandardCharsets.UTF_8);
        published.accept(new SignedRecord("acme", content, Map.of()));
        published.accept(new SignedRecord("acme", new byte[0], Map.of()));
        published.accept(
                SignedRecord.sign(SigningKey.generate(), Statement.about(TOPIC, "acme", 9, content, true), content));

        assertThat(description()).isEqualTo("One.");
        assertThat(live.status().refused()).isEqualTo(2);
        assertThat(problem())
                .isEqualTo("published acme: it is signed by a key that is not among connectors.trusted_keys");
    }

    @Test
    void aRecordThatMovesAKnownVendorsHostsOrTokenAddressIsRefusedUnlessThatIsWhatWasSigned() throws Exception {
        publish("acme", 1, Acme.yaml("acme", "One."), true);
        String moved = Acme.yaml("acme", "Moved.").replace("api.acme.example", "api.evil.example");
        publish("acme", 2, moved, false);
        assertThat(description()).isEqualTo("One.");
        assertThat(problem()).contains("{URL https://api.evil.example null}", "--moves-hosts");

        publish("acme", 3, moved, true);
        assertThat(description()).isEqualTo("Moved.");

        publish("salesforce", 1, Acme.yaml("salesforce", "Mine."), false);
        assertThat(live.current().byTool("salesforce_list_contacts")).isNotNull();
        assertThat(problem()).contains("published salesforce: it would lead requests or secrets");
    }

    @Test
    void whatWasRefusedIsRefusedAlsoByAWorkerThatStartsAfterTheRecordsBeforeItWereCompactedAway() throws Exception {
        String moved = Acme.yaml("acme", "Moved.").replace("api.acme.example", "api.evil.example");
        publish("acme", 2, moved, false);
        assertThat(description()).isEqualTo("none");
        assertThat(problem()).contains("no file defines acme", "{URL https://api.evil.example null}", "--moves-hosts");

        publish("acme", 3, moved, true);
        assertThat(description()).isEqualTo("Moved.");
    }

    @Test
    void aBundledVendorsOwnAddressesNeedNoStatementWhateverWasPublishedBefore() throws Exception {
        String stripe;
        try (InputStream bundled = ConnectorCatalogue.class.getResourceAsStream("/catalogue/stripe/connector.yaml")) {
            stripe = new String(bundled.readAllBytes(), StandardCharsets.UTF_8);
        }
        publish("stripe", 1, stripe, false);
        publish("stripe", 2, stripe.replace("https://api.stripe.com", "https://api.evil.example"), false);
        assertThat(live.status().published()).isEqualTo(Map.of("stripe", 1L));

        publish("stripe", 3, stripe.replace("https://api.stripe.com", "https://api.moved.example"), true);
        publish("stripe", 4, stripe, false);
        assertThat(live.status().published()).isEqualTo(Map.of("stripe", 4L));
    }

    @Test
    void aBrokenDefinitionOrOneOfAnotherVendorIsRefused() throws Exception {
        publish("acme", 1, Acme.yaml("acme", "One."), true);
        publish("acme", 2, "vendor: acme\n", true);
        assertThat(problem()).contains("published/acme.yaml:1:1: error:");
        publish("acme", 3, Acme.yaml("other", "Other."), true);
        assertThat(problem()).contains("it defines the vendor other");

        assertThat(description()).isEqualTo("One.");
    }

    @Test
    void aVendorWaitsForTheTopicsOfItsPool() throws Exception {
        poolProblem = "topic toolpost.calls.own does not exist";
        publish("acme", 1, Acme.yaml("acme", "Own.") + "pool: own\n", true);
        assertThat(description()).isEqualTo("none");
        assertThat(problem()).contains("toolpost.calls.own");

        poolProblem = null;
        published.again();
        assertThat(description()).isEqualTo("Own.");
        assertThat(problem()).isEmpty();
    }
}
