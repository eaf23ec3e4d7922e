package dev.toolpost.connectors;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a person lets an OAuth client use an account: in a browser (RFC 6749, 4.1; RFC 7636; RFC 8252), or by a code that is typed on another device (RFC 8628).
 * Immutable.
 *
 * @param address where the person is asked, or null where there is the device way alone
 * @param scopeSeparator what stands between scopes: a space by the standard
 * @param parameters further parameters of the address, for example {@code access_type: offline}
 * @param pkce whether a challenge is sent along; some vendors refuse it of clients that have a secret
 * @param redirectHost {@code 127.0.0.1}, or {@code localhost} where the vendor takes nothing else
 * @param anyPort whether the vendor takes any port of the loopback address, as it should; else the person registers one
 * @param deviceAddress where device codes are given, or null where there are none
 */
public record Consent(
        @Nullable BaseUrl address,
        String scopeSeparator,
        Map<String, String> parameters,
        boolean pkce,
        String redirectHost,
        boolean anyPort,
        @Nullable BaseUrl deviceAddress) {

    public Consent {
        parameters = Immutable.map(parameters);
    }
}
