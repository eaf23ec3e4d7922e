package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Assertion;
import dev.toolpost.worker.credentials.Pem;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes signed JSON Web Tokens (RFC 7515, compact; RFC 7518, 3.3 and 3.4). Pure. */
final class SignedAssertion {

    /** Issued a little ago, so that a vendor whose clock is behind takes it. */
    private static final Duration BACK = Duration.ofSeconds(30);

    private static final int SMALLEST_RSA = 2_048;
    private static final int P256 = 256;

    private SignedAssertion() {}

    /**
     * Signs.
     *
     * @param privateKey in PEM
     * @param values for the names in its templates
     * @throws UnfitSecretException where the key cannot be read or is not one for the algorithm
     */
    static String of(
            Assertion assertion, String privateKey, UnaryOperator<String> values, Instant now, RandomGenerator random)
            throws UnfitSecretException {
        PrivateKey key = key(assertion.algorithm(), privateKey);
        ObjectNode header = JsonNodeFactory.instance.objectNode().put("typ", "JWT");
        add(header, assertion.header().render(values));
        header.put("alg", assertion.algorithm().name());

        Instant issued = now.minus(BACK);
        ObjectNode claims = JsonNodeFactory.instance
                .objectNode()
                .put("iat", issued.getEpochSecond())
                .put("exp", issued.plus(assertion.lifetime()).getEpochSecond())
                .put(
                        "jti",
                        HexFormat.of().toHexDigits(random.nextLong())
                                + HexFormat.of().toHexDigits(random.nextLong()));
        add(claims, assertion.claims().render(values));

        String signed = encoded(header) + "." + encoded(claims);
        return signed + "." + base64(signature(assertion.algorithm(), key, signed));
    }

    private static void add(ObjectNode object, JsonNode members) {
        members.properties().forEach(member -> object.set(member.getKey(), member.getValue()));
    }

    private static PrivateKey key(Assertion.Algorithm algorithm, String pem) throws UnfitSecretException {
        PrivateKey key;
        try {
            key = Pem.privateKey(pem);
        } catch (IllegalArgumentException unfit) {
            throw new UnfitSecretException("the connection's private_key is " + unfit.getMessage());
        }
        boolean fits = switch (algorithm) {
            case RS256 -> key instanceof RSAPrivateKey rsa && rsa.getModulus().bitLength() >= SMALLEST_RSA;
            case ES256 ->
                key instanceof ECPrivateKey ec
                        && ec.getParams().getCurve().getField().getFieldSize() == P256;
        };
        if (!fits) {
            throw new UnfitSecretException("the connection's private_key is no key for " + algorithm + " (expected: "
                    + switch (algorithm) {
                        case RS256 -> "RSA of at least " + SMALLEST_RSA + " bits";
                        case ES256 -> "a key on the curve P-256";
                    }
                    + ")");
        }
        return key;
    }

    private static byte[] signature(Assertion.Algorithm algorithm, PrivateKey key, String text)
            throws UnfitSecretException {
        try {
            Signature signature = Signature.getInstance(
                    switch (algorithm) {
                        case RS256 -> "SHA256withRSA";
                        case ES256 -> "SHA256withECDSAinP1363Format";
                    });
            signature.initSign(key);
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return signature.sign();
        } catch (GeneralSecurityException unfit) {
            throw new UnfitSecretException("the connection's private_key cannot sign: "
                    + unfit.getClass().getSimpleName());
        }
    }

    private static String encoded(JsonNode json) {
        return base64(JsonMapper.shared().writeValueAsBytes(json));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
