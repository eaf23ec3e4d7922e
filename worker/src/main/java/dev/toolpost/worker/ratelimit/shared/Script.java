package dev.toolpost.worker.ratelimit.shared;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;

/**
 * What runs on the server in one step.
 *
 * @param digest by which a server knows it that has run it before
 */
record Script(String text, String digest) {

    static final Script STRICT_WINDOW = read("strict-window.lua");

    static Script of(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return new Script(text, HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    private static Script read(String name) {
        try (InputStream bytes = Objects.requireNonNull(Script.class.getResourceAsStream(name), name)) {
            return of(new String(bytes.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
