package dev.toolpost.connectors;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/**
 * One request of a login. Its templates take the connection's variables, the secret's fields and what earlier steps took. Immutable.
 *
 * @param method an HTTP method
 * @param address templated by the connection's variables alone, so that nothing else says where secrets go
 * @param path appended to the address; what is put in it is one segment, or null
 * @param query parameters by name
 * @param headers by name
 * @param basic user and password as HTTP Basic, or null
 * @param body what is sent
 * @param take what is taken from the reply, by a name of the definition's choice
 * @param keep parts of the reply that become variables of the connection
 * @param expiresIn where the reply says how many seconds the token lives, or null
 * @param expiresAt where it says when the token ends, or null
 */
public record SessionStep(
        String method,
        BaseUrl address,
        @Nullable TextTemplate path,
        Map<String, TextTemplate> query,
        Map<String, TextTemplate> headers,
        @Nullable Basic basic,
        Body body,
        Map<String, Source> take,
        Map<JsonPointer, String> keep,
        @Nullable JsonPointer expiresIn,
        @Nullable JsonPointer expiresAt) {

    public SessionStep {
        query = Immutable.map(query);
        headers = Immutable.map(headers);
        take = Immutable.map(take);
        keep = Immutable.map(keep);
    }

    /** User and password of HTTP Basic (RFC 7617). */
    public record Basic(TextTemplate username, TextTemplate password) {}

    /** What a step sends. */
    public sealed interface Body {}

    /** Nothing. */
    public record NoBody() implements Body {}

    /** A form. */
    public record Form(Map<String, TextTemplate> fields) implements Body {
        public Form {
            fields = Immutable.map(fields);
        }
    }

    /** JSON. */
    public record Json(JsonTemplate value) implements Body {}

    /** Where in a reply a value is taken from. */
    public sealed interface Source {}

    /** In the JSON body; the empty pointer is the whole, also where it is plain text. */
    public record InBody(JsonPointer pointer) implements Source {}

    /** In a header. */
    public record InHeader(String name) implements Source {}

    /** In a cookie that the reply sets. */
    public record InCookie(String name) implements Source {}

    Set<String> templateNames() {
        Set<String> names = new LinkedHashSet<>();
        List<TextTemplate> templates = new ArrayList<>(query.values());
        templates.addAll(headers.values());
        if (path != null) {
            templates.add(path);
        }
        if (basic != null) {
            templates.addAll(List.of(basic.username(), basic.password()));
        }
        switch (body) {
            case NoBody() -> {}
            case Form(Map<String, TextTemplate> fields) -> templates.addAll(fields.values());
            case Json(JsonTemplate value) -> names.addAll(value.names());
        }
        templates.forEach(template -> names.addAll(template.arguments()));
        return names;
    }

    /**
     * The address, over https or at a loopback address.
     *
     * @throws InvalidVariableException where a value is missing, not what its variable may hold, or would send secrets in the clear
     */
    public URI url(Map<String, String> variables) {
        return address.resolveForSecrets(variables);
    }
}
