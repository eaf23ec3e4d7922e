package dev.toolpost.connectors.signing;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An Ed25519 key (RFC 8032) that signs definitions. {@code toString} shows nothing of it. Immutable. */
public final class SigningKey {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private final PrivateKey privateKey;
    private final PublicKey publicKey;

    private SigningKey(PrivateKey privateKey, PublicKey publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    /** Makes a new key. */
    public static SigningKey generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance(PublicKeys.ALGORITHM).generateKeyPair();
            return new SigningKey(pair.getPrivate(), pair.getPublic());
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java has no Ed25519", missing);
        }
    }

    /**
     * Reads a key in PEM: a block {@code PRIVATE KEY} (PKCS #8) and a block {@code PUBLIC KEY}.
     *
     * @throws IllegalArgumentException where the text does not hold both, or they do not belong together
     */
    public static SigningKey read(String pem) {
        try {
            KeyFactory factory = KeyFactory.getInstance(PublicKeys.ALGORITHM);
            PrivateKey secret = factory.generatePrivate(
                    new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(block(pem, "PRIVATE KEY"))));
            SigningKey key = new SigningKey(
                    secret, PublicKeys.decode(block(pem, "PUBLIC KEY").replaceAll("\\s", "")));
            byte[] probe = {1, 2, 3};
            if (!PublicKeys.of(List.of(key.publicKey())).verify(key.id(), probe, key.sign(probe))) {
                throw new IllegalArgumentException("its private and public key do not belong together");
            }
            return key;
        } catch (GeneralSecurityException wrong) {
            throw new IllegalArgumentException("its private key cannot be read as Ed25519 in PKCS #8", wrong);
        }
    }

    private static String block(String pem, String kind) {
        Matcher block = Pattern.compile("-----BEGIN " + kind + "-----([A-Za-z0-9+/=\\s]+)-----END " + kind + "-----")
                .matcher(pem);
        if (!block.find()) {
            throw new IllegalArgumentException("it has no block " + kind + " (expected: PEM with PRIVATE KEY and PUBLIC"
                    + " KEY, as `toolpost connectors keygen` writes it)");
        }
        return block.group(1);
    }

    /** The key as {@link #read} takes it; whoever has it can sign. */
    public String pem() {
        return pem("PRIVATE KEY", privateKey.getEncoded()) + pem("PUBLIC KEY", publicKey.getEncoded());
    }

    private static String pem(String kind, byte[] encoded) {
        return "-----BEGIN " + kind + "-----\n" + LINES.encodeToString(encoded) + "\n-----END " + kind + "-----\n";
    }

    /** What names the key in records. */
    public String id() {
        return PublicKeys.idOf(publicKey);
    }

    /** The public key, base64 of its X.509 form, as the configuration of workers takes it. */
    public String publicKey() {
        return Base64.getEncoder().encodeToString(publicKey.getEncoded());
    }

    /** Signs bytes. */
    public byte[] sign(byte[] bytes) {
        try {
            Signature signature = Signature.getInstance(PublicKeys.ALGORITHM);
            signature.initSign(privateKey);
            signature.update(bytes);
            return signature.sign();
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("the key cannot sign", broken);
        }
    }

    @Override
    public String toString() {
        return "SigningKey[" + id() + "]";
    }
}
