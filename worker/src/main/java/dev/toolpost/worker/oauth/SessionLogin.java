package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.InvalidVariableException;
import dev.toolpost.connectors.PercentEncoding;
import dev.toolpost.connectors.SessionStep;
import dev.toolpost.connectors.TextTemplate;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.ClientCertificate;
import dev.toolpost.worker.http.VendorRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The steps of a vendor's own login, each with what the earlier ones replied. Runs once; not thread-safe. */
final class SessionLogin implements TokenExchange {

    private static final int LONGEST_VALUE = 16_000;

    private final Auth.Session auth;
    private final TemplateValues values;
    private final @Nullable ClientCertificate certificate;
    private final List<URI> addresses;

    /** @throws InvalidVariableException where a variable of the connection does not fit an address */
    SessionLogin(
            Auth.Session auth,
            StoredConnection stored,
            TemplateValues values,
            @Nullable ClientCertificate certificate) {
        this.auth = auth;
        this.values = values;
        this.certificate = certificate;
        this.addresses = auth.steps().stream()
                .map(step -> step.url(stored.connection().variables()))
                .toList();
        auth.templateNames().forEach(values::apply);
    }

    /** Why a login ends without a token. */
    private static final class Ended extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient TokenAnswer answer;

        Ended(TokenAnswer answer) {
            super("the login ended");
            this.answer = answer;
        }

        Ended(String message) {
            this(new TokenAnswer.Failed(message, null, false));
        }
    }

    @Override
    public TokenAnswer run(Refresher.TokenEndpoint sender, long deadlineNanos, InstantSource clock) {
        Map<String, String> kept = new LinkedHashMap<>();
        Duration life = null;
        try {
            for (int i = 0; i < auth.steps().size(); i++) {
                SessionStep step = auth.steps().get(i);
                String who = "step " + (i + 1) + " of the login";
                TokenReply.Good reply = ask(who, step, addresses.get(i), sender, deadlineNanos, clock);
                for (Map.Entry<String, SessionStep.Source> taken : step.take().entrySet()) {
                    values.take(taken.getKey(), take(who, taken.getKey(), taken.getValue(), reply));
                }
                kept.putAll(TokenAnswer.kept(step.keep(), reply.body()));
                Duration said = TokenReply.life(reply.body(), step.expiresIn(), step.expiresAt(), clock.instant());
                life = said == null ? life : said;
            }
        } catch (Ended ended) {
            return ended.answer;
        }
        String token = auth.token().render(values);
        if (!TokenAnswer.canBeSent(auth, token)) {
            return new TokenAnswer.Failed("the login's token cannot be sent where the definition puts it", null, false);
        }
        Map<String, String> replaced = new LinkedHashMap<>();
        auth.replaces().forEach((field, template) -> replaced.put(field, template.render(values)));
        return new TokenAnswer.Granted(token, replaced, TokenAnswer.life(auth, life), kept);
    }

    private TokenReply.Good ask(
            String who,
            SessionStep step,
            URI address,
            Refresher.TokenEndpoint sender,
            long deadlineNanos,
            InstantSource clock)
            throws Ended {
        VendorRequest request = request(who, step, address);
        return switch (TokenReply.of(
                who, auth, values.untold(), sender.exchange(request, deadlineNanos), clock.instant())) {
            case TokenReply.Good good -> good;
            case TokenReply.Not(TokenAnswer answer) -> throw new Ended(answer);
        };
    }

    private VendorRequest request(String who, SessionStep step, URI address) throws Ended {
        StringBuilder url = new StringBuilder(address.toString());
        if (step.path() != null) {
            while (!url.isEmpty() && url.charAt(url.length() - 1) == '/') {
                url.setLength(url.length() - 1);
            }
            url.append(step.path().render(name -> PercentEncoding.segment(values.apply(name))));
        }
        if (!step.query().isEmpty()) {
            url.append('?').append(TokenRequest.query(rendered(step.query())));
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.put("Accept", "application/json");
        byte[] body = switch (step.body()) {
            case SessionStep.NoBody() -> null;
            case SessionStep.Form(Map<String, TextTemplate> fields) -> {
                headers.put("Content-Type", "application/x-www-form-urlencoded");
                yield TokenRequest.form(rendered(fields)).getBytes(StandardCharsets.US_ASCII);
            }
            case SessionStep.Json(var template) -> {
                headers.put("Content-Type", "application/json");
                yield JsonMapper.shared().writeValueAsBytes(template.render(values));
            }
        };
        SessionStep.Basic basic = step.basic();
        if (basic != null) {
            String pair =
                    basic.username().render(values) + ":" + basic.password().render(values);
            headers.put(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        }
        headers.putAll(rendered(step.headers()));
        List<Map.Entry<String, String>> made = new ArrayList<>();
        for (Map.Entry<String, String> header : headers.entrySet()) {
            if (!VendorRequest.isHeaderValue(header.getValue())) {
                throw new Ended(who + ": a value cannot stand in the header " + header.getKey());
            }
            made.add(Map.entry(header.getKey(), header.getValue()));
        }
        URI whole = URI.create(url.toString());
        return new VendorRequest(
                step.method(), whole, made, body, certificate, TokenRequest.untold(whole, values.untold()));
    }

    private Map<String, String> rendered(Map<String, TextTemplate> templates) {
        Map<String, String> rendered = new LinkedHashMap<>();
        templates.forEach((name, template) -> rendered.put(name, template.render(values)));
        return rendered;
    }

    private String take(String who, String name, SessionStep.Source source, TokenReply.Good reply) throws Ended {
        String value = switch (source) {
            case SessionStep.InBody(var pointer) -> {
                JsonNode node = reply.body().at(pointer);
                boolean plainText = pointer.matches() && reply.body().isMissingNode();
                yield plainText ? reply.text() : node.isValueNode() && !node.isNull() ? node.asString() : "";
            }
            case SessionStep.InHeader(String header) -> {
                String first = reply.headers().first(header);
                yield first == null ? "" : first.strip();
            }
            case SessionStep.InCookie(String cookie) ->
                cookie(cookie, reply.headers().all("Set-Cookie"));
        };
        if (value.isEmpty() || value.length() > LONGEST_VALUE) {
            throw new Ended(who + " was answered ("
                    + TokenReply.said(values.untold(), reply.status(), reply.body()) + ") without a " + name
                    + (value.isEmpty() ? "" : " of at most " + LONGEST_VALUE + " characters"));
        }
        return value;
    }

    /** The value of a cookie that is set (RFC 6265, 5.2). */
    private static String cookie(String name, List<String> set) {
        for (String each : set) {
            int end = each.indexOf(';');
            String pair = end < 0 ? each : each.substring(0, end);
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                return pair.substring(equals + 1).strip();
            }
        }
        return "";
    }
}
