package dev.toolpost.worker.oauth;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a person types on another device (RFC 8628, 3.2). Immutable; the device code itself is not printed.
 *
 * @param code what this side asks for the tokens with
 * @param userCode what the person types
 * @param page where the person types it
 * @param filledPage the page with the code filled in, or null
 * @param life for how long the codes count
 * @param interval between questions for the tokens
 */
public record DeviceCode(
        String code, String userCode, URI page, @Nullable URI filledPage, Duration life, Duration interval) {
    @Override
    public String toString() {
        return "DeviceCode[" + page + ", " + life + ", redacted]";
    }
}
