package dev.toolpost.sandbox;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The pages on which people allow a client to use their account (RFC 6749, 4.1; RFC 7636; RFC 8628). Whoever opens a page is taken for the account's owner:
 * its links end in {@code decision=allow} and {@code decision=deny}, so that a test can follow them too. Belongs to the loop's thread.
 */
final class Consents {
    static final String DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

    /** A code that came twice. */
    static final String USED = "code_used";

    private static final long CODE_LIFE_MILLIS = 60_000;
    private static final long DEVICE_LIFE_MILLIS = 900_000;
    private static final int INTERVAL_SECONDS = 1;

    private static final class Code {
        private final String clientId;
        private final String redirect;
        private final String challenge;
        private final long endsMillis;
        private boolean used;

        private Code(String clientId, String redirect, String challenge, long endsMillis) {
            this.clientId = clientId;
            this.redirect = redirect;
            this.challenge = challenge;
            this.endsMillis = endsMillis;
        }
    }

    private static final class Device {
        private final String clientId;
        private final long endsMillis;
        private @Nullable Boolean allowed;

        private Device(String clientId, long endsMillis) {
            this.clientId = clientId;
            this.endsMillis = endsMillis;
        }
    }

    private final OAuthProfile habits;
    private final VendorClock clock;
    private final Supplier<URI> uri;
    private final SplittableRandom random;
    private final Map<String, Code> codes = new HashMap<>();
    private final Map<String, Device> devices = new HashMap<>();
    private final Map<String, Device> byUserCode = new HashMap<>();

    Consents(OAuthProfile habits, VendorClock clock, Supplier<URI> uri, long seed) {
        this.habits = habits;
        this.clock = clock;
        this.uri = uri;
        this.random = new SplittableRandom(~seed);
    }

    boolean serves(String path) {
        return !path.isEmpty()
                && (path.equals(habits.authorizePath())
                        || path.equals(habits.devicePath())
                        || path.equals(devicePage()));
    }

    private String devicePage() {
        return habits.devicePath().isEmpty() ? "" : habits.devicePath() + "/page";
    }

    void answer(HttpExchange exchange, Set<String> clients) {
        if (exchange.path().equals(habits.authorizePath())) {
            authorize(exchange, clients);
        } else if (exchange.path().equals(devicePage())) {
            devicePage(exchange);
        } else {
            giveDeviceCode(exchange, clients);
        }
    }

    private void authorize(HttpExchange exchange, Set<String> clients) {
        String client = query(exchange, "client_id");
        String redirect = query(exchange, "redirect_uri");
        if (!clients.contains(client) || !isLoopback(redirect)) {
            // Nobody is sent to an address that an unknown client names.
            page(exchange, 400, "This app is not known, or its redirect address is not registered.");
            return;
        }
        String problem = !query(exchange, "response_type").equals("code")
                ? "unsupported_response_type"
                : !query(exchange, "code_challenge").isEmpty()
                                && !query(exchange, "code_challenge_method").equals("S256")
                        ? "invalid_request"
                        : "";
        String state = query(exchange, "state");
        String decision = query(exchange, "decision");
        if (!problem.isEmpty() || decision.equals("deny")) {
            redirect(exchange, redirect, "error", problem.isEmpty() ? "access_denied" : problem, state);
        } else if (decision.equals("allow")) {
            String code = "code-" + hex();
            codes.put(
                    code,
                    new Code(
                            client, redirect, query(exchange, "code_challenge"), clock.getAsLong() + CODE_LIFE_MILLIS));
            redirect(exchange, redirect, "code", code, state);
        } else {
            ask(exchange, client);
        }
    }

    private void ask(HttpExchange exchange, String client) {
        String asked = exchange.rawQuery();
        String here = exchange.path() + "?" + (asked == null ? "" : asked.replace("&", "&amp;"));
        page(
                exchange,
                200,
                "The app " + client.replaceAll("[^A-Za-z0-9._-]", "") + " asks to use your account.</p><p><a href=\""
                        + here.replace("\"", "%22").replace("<", "%3C") + "&amp;decision=allow\">Allow</a> <a href=\""
                        + here.replace("\"", "%22").replace("<", "%3C") + "&amp;decision=deny\">Deny</a>");
    }

    private void giveDeviceCode(HttpExchange exchange, Set<String> clients) {
        String client = TokenRequest.read(exchange, true).clientId();
        if (!clients.contains(client)) {
            json(
                    exchange,
                    habits.unknownClient().status(),
                    VendorJson.MAPPER.createObjectNode().put("error", "invalid_client"));
            return;
        }
        String code = "device-" + hex();
        String typed = hex().substring(0, 8).toUpperCase(Locale.ROOT);
        Device device = new Device(client, clock.getAsLong() + DEVICE_LIFE_MILLIS);
        devices.put(code, device);
        byUserCode.put(typed, device);
        String page = uri.get() + devicePage();
        json(
                exchange,
                200,
                VendorJson.MAPPER
                        .createObjectNode()
                        .put("device_code", code)
                        .put("user_code", typed)
                        .put("verification_uri", page)
                        .put("verification_uri_complete", page + "?user_code=" + typed)
                        .put("expires_in", DEVICE_LIFE_MILLIS / 1000)
                        .put("interval", INTERVAL_SECONDS));
    }

    private void devicePage(HttpExchange exchange) {
        Device device = byUserCode.get(query(exchange, "user_code"));
        if (device == null) {
            page(exchange, 404, "No such code. Open this page with ?user_code=CODE.");
            return;
        }
        switch (query(exchange, "decision")) {
            case "allow" -> device.allowed = true;
            case "deny" -> device.allowed = false;
            default -> {
                ask(exchange, device.clientId);
                return;
            }
        }
        page(exchange, 200, "Done. Go back to the other device.");
    }

    /** The error's code, or null where the code is good. */
    @Nullable
    String redeemCode(TokenRequest request) {
        Code code = codes.get(request.parameter("code"));
        if (code == null || !code.clientId.equals(request.clientId())) {
            return "invalid_grant";
        }
        if (code.used) {
            return USED;
        }
        code.used = true;
        boolean good = clock.getAsLong() < code.endsMillis
                && code.redirect.equals(request.parameter("redirect_uri"))
                && (code.challenge.isEmpty() || code.challenge.equals(challenge(request.parameter("code_verifier"))));
        return good ? null : "invalid_grant";
    }

    /** The error's code, or null where the person has allowed it. */
    @Nullable
    String redeemDevice(TokenRequest request) {
        Device device = devices.get(request.parameter("device_code"));
        if (device == null || !device.clientId.equals(request.clientId())) {
            return "invalid_grant";
        }
        if (clock.getAsLong() >= device.endsMillis) {
            return "expired_token";
        }
        Boolean allowed = device.allowed;
        if (allowed == null) {
            return "authorization_pending";
        }
        devices.remove(request.parameter("device_code"));
        return allowed ? null : "access_denied";
    }

    private static String challenge(String verifier) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    private static boolean isLoopback(String redirect) {
        return redirect.matches("http://(127\\.0\\.0\\.1|localhost|\\[::1])(:[0-9]{1,5})?(/[A-Za-z0-9/._-]*)?");
    }

    private static void redirect(HttpExchange exchange, String redirect, String name, String value, String state) {
        String to = redirect + "?" + name + "=" + encoded(value) + (state.isEmpty() ? "" : "&state=" + encoded(state));
        exchange.status(302)
                .header("Location", to)
                .header("Cache-Control", "no-store")
                .answer()
                .clear();
    }

    private static void page(HttpExchange exchange, int status, String text) {
        exchange.status(status)
                .header("Content-Type", "text/html;charset=utf-8")
                .header("Cache-Control", "no-store")
                .answer()
                .clear()
                .text("<!doctype html><title>Sandbox</title><p>" + text + "</p>");
    }

    private static void json(HttpExchange exchange, int status, ObjectNode body) {
        exchange.status(status)
                .header("Content-Type", "application/json")
                .header("Cache-Control", "no-store")
                .answer()
                .clear()
                .text(body.toString());
    }

    private static String query(HttpExchange exchange, String name) {
        String value = exchange.query(name);
        return value == null ? "" : value;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private String hex() {
        return new ByteText(32).hex(random.nextLong(), 16).toString();
    }
}
