package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/** Reads a login of the vendor's own. Used once. */
final class SessionReader {
    private static final int MOST_STEPS = 5;

    private final Section one;
    private final Map<String, Variable> variables;
    private final Auth.About about;
    private final SecretNames names;

    SessionReader(Section one, Map<String, Variable> variables, Auth.About about) {
        this.one = one;
        this.variables = variables;
        this.about = about;
        this.names = new SecretNames(variables);
    }

    Auth.@Nullable Session read() {
        List<String> fields = names.fields(one.get("fields"));
        List<SessionStep> steps = new ArrayList<>();
        List<Section> written = one.get("steps").items();
        for (Section section : written) {
            SessionStep step = step(section);
            if (step != null) {
                steps.add(step);
            }
        }
        if (written.size() > MOST_STEPS) {
            one.get("steps").error(written.size() + " steps (expected: at most " + MOST_STEPS + ")", "");
        }
        TextTemplate token = names.template(one.get("token"));
        if (token != null && token.arguments().isEmpty()) {
            one.get("token").error("the token is the same for everybody", "put a value in it that a step takes");
        }
        Map<String, TextTemplate> replaces = replaces(one.find("replaces"), fields);
        TokenTerms terms = TokenAuthReader.terms(
                one, Map.of(), List.of(new Auth.ReplyCondition(StatusSet.of(List.of(401, 403)), List.of())));
        return token == null || steps.size() < written.size()
                ? null
                : new Auth.Session(fields, steps, token, replaces, one.durationOrNull("reuse_leeway"), terms, about);
    }

    private Map<String, TextTemplate> replaces(@Nullable Section section, List<String> fields) {
        if (section != null) {
            section.members().forEach((name, value) -> {
                if (!fields.contains(name)) {
                    value.problems()
                            .errorAtKey(
                                    value.pointer(),
                                    "'" + name + "' is no field of the secret",
                                    "known here: " + String.join(", ", fields));
                }
            });
        }
        return names.templates(section);
    }

    private @Nullable SessionStep step(Section section) {
        Section request = section.get("request");
        BaseUrl address = new BaseUrlReader(request.get("url"), "url", variables).read();
        Section path = request.find("path");
        SessionStep.Body body = body(request);
        String method = request.text("method", body instanceof SessionStep.NoBody ? "GET" : "POST");
        if (method.equals("GET") && !(body instanceof SessionStep.NoBody)) {
            request.get("method").error("a body does not go with the method GET", "write method: POST");
        }
        TextTemplate pathTemplate = path == null ? null : names.template(path);
        Map<String, TextTemplate> query = names.templates(request.find("query"));
        Map<String, TextTemplate> headers = names.headers(request.find("headers"));
        SessionStep.Basic basic = basic(request.find("basic"));
        SequencedMap<JsonPointer, String> keep = names.keep(section.find("keep"));
        // Last: a step does not know what it takes itself.
        Map<String, SessionStep.Source> take = take(section.find("take"));
        return address == null
                ? null
                : new SessionStep(
                        method,
                        address,
                        pathTemplate,
                        query,
                        headers,
                        basic,
                        body,
                        take,
                        keep,
                        TokenAuthReader.pointerOrNull(section, "expires_in"),
                        TokenAuthReader.pointerOrNull(section, "expires_at"));
    }

    private SessionStep.Body body(Section request) {
        Section form = request.find("form");
        Section json = request.find("json");
        if (form != null && json != null) {
            json.error("a request has one body", "keep form or json");
        }
        if (form != null) {
            return new SessionStep.Form(names.templates(form));
        }
        return json == null ? new SessionStep.NoBody() : new SessionStep.Json(names.json(json));
    }

    private SessionStep.@Nullable Basic basic(@Nullable Section section) {
        if (section == null) {
            return null;
        }
        TextTemplate username = names.template(section.get("username"));
        TextTemplate password = names.template(section.get("password"));
        return username == null || password == null ? null : new SessionStep.Basic(username, password);
    }

    private Map<String, SessionStep.Source> take(@Nullable Section section) {
        SequencedMap<String, SessionStep.Source> taken = new LinkedHashMap<>();
        if (section != null) {
            section.members().forEach((name, value) -> {
                names.add(value, name, "value");
                taken.put(name, source(value));
            });
        }
        return taken;
    }

    private static SessionStep.Source source(Section value) {
        if (!value.node().isObject()) {
            return new SessionStep.InBody(value.jsonPointer());
        }
        return value.has("header")
                ? new SessionStep.InHeader(value.text("header"))
                : new SessionStep.InCookie(value.text("cookie"));
    }
}
