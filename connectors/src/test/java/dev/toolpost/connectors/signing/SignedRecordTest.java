package dev.toolpost.connectors.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.signing.SignedRecord.Verified;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignedRecordTest {
    private static final String TOPIC = "toolpost.connectors";
    private static final SigningKey KEY = SigningKey.generate();
    private static final PublicKeys TRUSTED = PublicKeys.of(List.of(KEY.publicKey()));
    private static final byte[] CONTENT = "vendor: acme\n".getBytes(StandardCharsets.UTF_8);

    private static SignedRecord signed() {
        return SignedRecord.sign(KEY, Statement.about(TOPIC, "acme", 7, CONTENT, false), CONTENT);
    }

    private static String refusal(SignedRecord record, String topic) {
        return record.verify(TRUSTED, topic) instanceof Verified.Refused(String reason) ? reason : "genuine";
    }

    private static SignedRecord with(String header, byte[] value) {
        Map<String, byte[]> headers = new HashMap<>(signed().headers());
        if (value == null) {
            headers.remove(header);
        } else {
            headers.put(header, value);
        }
        return new SignedRecord("acme", CONTENT, headers);
    }

    @Test
    void whatATrustedKeySignedIsGenuine() {
        assertThat(signed().verify(TRUSTED, TOPIC))
                .isEqualTo(new Verified.Genuine(Statement.about(TOPIC, "acme", 7, CONTENT, false)));
        SignedRecord withdrawn =
                SignedRecord.sign(KEY, Statement.about(TOPIC, "acme", 8, new byte[0], false), new byte[0]);
        assertThat(withdrawn.verify(TRUSTED, TOPIC))
                .isInstanceOfSatisfying(
                        Verified.Genuine.class,
                        genuine -> assertThat(genuine.statement().removes()).isTrue());
    }

    @Test
    void whatIsNotSignedOrSignedForSomethingElseIsRefused() {
        byte[] other = "vendor: acme\nbase_url: https://evil.example\n".getBytes(StandardCharsets.UTF_8);
        SignedRecord stranger =
                SignedRecord.sign(SigningKey.generate(), Statement.about(TOPIC, "acme", 7, CONTENT, false), CONTENT);
        byte[] forged = Statement.about(TOPIC, "acme", 9, CONTENT, true).bytes();

        assertThat(refusal(with(SignedRecord.SIGNATURE, null), TOPIC)).contains("not signed");
        assertThat(refusal(with(SignedRecord.SIGNATURE, new byte[64]), TOPIC)).contains("does not fit");
        assertThat(refusal(with(SignedRecord.SIGNATURE, new byte[3]), TOPIC)).contains("does not fit");
        assertThat(refusal(with(SignedRecord.STATEMENT, forged), TOPIC)).contains("does not fit");
        assertThat(refusal(stranger, TOPIC)).contains("connectors.trusted_keys");
        assertThat(refusal(signed(), "staging.connectors")).contains("signed for the topic " + TOPIC);
        assertThat(refusal(new SignedRecord("hoops", CONTENT, signed().headers()), TOPIC))
                .contains("signed for the vendor acme");
        assertThat(refusal(new SignedRecord("acme", other, signed().headers()), TOPIC))
                .contains("not what was signed");
        assertThat(refusal(new SignedRecord("acme", new byte[0], signed().headers()), TOPIC))
                .contains("not what was signed");
    }

    @Test
    void aStatementHasOneFormOnly() {
        byte[] bytes = Statement.about(TOPIC, "acme", 7, CONTENT, true).bytes();
        String text = new String(bytes, StandardCharsets.US_ASCII);

        assertThat(Statement.read(bytes)).isEqualTo(Statement.about(TOPIC, "acme", 7, CONTENT, true));
        for (String wrong : List.of(
                text + "\n", text.replace("true", "TRUE"), text.replace(" 7", " -7"), "x" + text, text.strip())) {
            assertThat(Statement.read(wrong.getBytes(StandardCharsets.US_ASCII)))
                    .as(wrong)
                    .isNull();
        }
    }

    @Test
    void aKeyOutlivesItsFile() {
        SigningKey read = SigningKey.read(KEY.pem());

        assertThat(read.id()).isEqualTo(KEY.id());
        assertThat(TRUSTED.verify(read.id(), CONTENT, read.sign(CONTENT))).isTrue();
        assertThat(read.toString()).doesNotContain(read.publicKey());
        String mixed = KEY.pem().replaceAll("(?s)-----BEGIN PUBLIC.*", "")
                + SigningKey.generate().pem().replaceAll("(?s).*(-----BEGIN PUBLIC)", "$1");
        assertThatThrownBy(() -> SigningKey.read(mixed)).hasMessageContaining("do not belong together");
        assertThatThrownBy(() -> SigningKey.read("nothing")).hasMessageContaining("keygen");
        assertThatThrownBy(() -> PublicKeys.of(List.of("AAAA"))).hasMessageContaining("Ed25519");
    }
}
