package dev.toolpost.worker.credentials;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads private keys and certificates from PEM (RFC 7468). No message tells anything of a key. Pure. */
public final class Pem {

    private static final int LONGEST = 100_000;
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\\s]*+)-----END \\1-----");

    /** {@code SEQUENCE { OBJECT IDENTIFIER rsaEncryption, NULL }} (RFC 8017, A.1). */
    private static final byte[] RSA = {
        0x30, 0x0d, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
    };

    private Pem() {}

    /**
     * A private key, RSA or of an elliptic curve.
     *
     * @throws IllegalArgumentException where there is none that can be read
     */
    public static PrivateKey privateKey(String text) {
        if (text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")) {
            throw new IllegalArgumentException(
                    "an encrypted private key (expected: one without a passphrase; openssl pkey -in KEY -out PLAIN)");
        }
        for (Block block : blocks(text)) {
            switch (block.label()) {
                case "PRIVATE KEY" -> {
                    return key(block.content());
                }
                case "RSA PRIVATE KEY" -> {
                    return key(pkcs8(block.content()));
                }
                case "EC PRIVATE KEY" ->
                    throw new IllegalArgumentException("a private key in SEC1 form (expected: PKCS#8, which begins"
                            + " BEGIN PRIVATE KEY; openssl pkcs8 -topk8 -nocrypt -in KEY -out PKCS8)");
                default -> {}
            }
        }
        throw new IllegalArgumentException("no private key in PEM (expected: a text with -----BEGIN PRIVATE KEY-----)");
    }

    /**
     * The certificates of a text, in order.
     *
     * @throws IllegalArgumentException where there is none, or one that cannot be read
     */
    public static List<X509Certificate> certificates(String text) {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Block block : blocks(text)) {
                if (block.label().equals("CERTIFICATE")) {
                    chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.content())));
                }
            }
        } catch (CertificateException broken) {
            throw new IllegalArgumentException("a certificate that cannot be read (expected: X.509 in PEM)", broken);
        }
        if (chain.isEmpty()) {
            throw new IllegalArgumentException(
                    "no certificate in PEM (expected: a text with -----BEGIN CERTIFICATE-----)");
        }
        return List.copyOf(chain);
    }

    /** A piece of PEM; cannot print what it holds. */
    @SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
    private record Block(String label, byte[] content) {
        @Override
        public String toString() {
            return "Block[" + label + "]";
        }
    }

    private static List<Block> blocks(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    text.length() + " characters of PEM (expected: at most " + LONGEST + ")");
        }
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            try {
                blocks.add(new Block(
                        matcher.group(1),
                        Base64.getDecoder().decode(matcher.group(2).replaceAll("\\s", ""))));
            } catch (IllegalArgumentException notBase64) {
                // Without the cause: its message may quote the text.
                throw new IllegalArgumentException("PEM whose content is not Base64");
            }
        }
        return blocks;
    }

    private static PrivateKey key(byte[] pkcs8) {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(pkcs8);
        for (String algorithm : List.of("RSA", "EC")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException another) {
                // Of another algorithm, or none at all: said below.
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("every Java platform has " + algorithm, impossible);
            }
        }
        throw new IllegalArgumentException("a private key that cannot be read (expected: RSA or EC)");
    }

    /** A key of PKCS#1 in the envelope of PKCS#8 (RFC 5208, 5). */
    private static byte[] pkcs8(byte[] pkcs1) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(new byte[] {2, 1, 0});
        content.writeBytes(RSA);
        content.writeBytes(element(4, pkcs1));
        return element(0x30, content.toByteArray());
    }

    /** One element of DER: tag, length, content. */
    private static byte[] element(int tag, byte[] content) {
        ByteArrayOutputStream der = new ByteArrayOutputStream();
        der.write(tag);
        int length = content.length;
        if (length < 0x80) {
            der.write(length);
        } else {
            int octets = (32 - Integer.numberOfLeadingZeros(length) + 7) / 8;
            der.write(0x80 | octets);
            for (int i = octets - 1; i >= 0; i--) {
                der.write(length >>> (8 * i));
            }
        }
        der.writeBytes(content);
        return der.toByteArray();
    }
}
