package dev.toolpost.connectors;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The definition of one vendor: data, never code. Immutable; safe to share between threads.
 *
 * @param vendor the vendor's id, for example the part of every tool's name before the first underscore
 * @param title the vendor's name for people
 * @param description what the vendor is, one or two sentences
 * @param documentation address of the vendor's API reference, or null
 * @param pool the pool whose topics and workers serve this vendor
 * @param baseUrl what every tool's path is appended to, templated by the connection's variables
 * @param baseUrls base URLs of ways to authenticate that have one of their own, by their ids
 * @param toolUrls base URLs of tools that have one of their own, by full tool name
 * @param variables what a connection may or must say about itself, in the order of the definition
 * @param auth alternatives; a connection names one by its id
 * @param headers headers of every request; no credentials here
 * @param limits every limit that the vendor enforces and that is kept here
 * @param retry what may be tried again, and how long to wait
 * @param errors how an answer is told to be an error, and which
 * @param timeouts bounds of one exchange
 * @param database what there is to say of a database, of executor sql, or null for a vendor that speaks HTTP
 * @param check the read that shows whether a connection works, or null where the definition names none
 * @param tools by full tool name, in the order of the definition
 */
public record Connector(
        String vendor,
        String title,
        String description,
        @Nullable String documentation,
        String pool,
        BaseUrl baseUrl,
        Map<String, BaseUrl> baseUrls,
        Map<String, BaseUrl> toolUrls,
        List<Variable> variables,
        List<Auth> auth,
        Map<String, String> headers,
        List<Limit> limits,
        RetryRules retry,
        ErrorRules errors,
        Timeouts timeouts,
        @Nullable Database database,
        @Nullable ConnectionCheck check,
        SequencedMap<String, Tool> tools) {

    /** The pool of vendors that name none. */
    public static final String COMMON_POOL = "common";

    public Connector {
        baseUrls = Immutable.map(baseUrls);
        toolUrls = Immutable.map(toolUrls);
        variables = List.copyOf(variables);
        auth = List.copyOf(auth);
        headers = Immutable.map(headers);
        limits = List.copyOf(limits);
        tools = Immutable.map(tools);
    }

    /** What paths are appended to for connections that authenticate in this way. */
    public BaseUrl baseUrl(String authId) {
        BaseUrl own = baseUrls.get(authId);
        return own == null ? baseUrl : own;
    }

    /** What a tool's path is appended to for connections that authenticate in this way. */
    public BaseUrl baseUrl(Tool tool, String authId) {
        BaseUrl own = toolUrls.get(tool.name());
        return own == null ? baseUrl(authId) : own;
    }

    /** The way to authenticate of this id, or null where the connector has none. */
    public @Nullable Auth auth(String id) {
        for (Auth alternative : auth) {
            if (alternative.id().equals(id)) {
                return alternative;
            }
        }
        return null;
    }

    /** The variable of this name, or null. */
    public @Nullable Variable variable(String name) {
        for (Variable variable : variables) {
            if (variable.name().equals(name)) {
                return variable;
            }
        }
        return null;
    }
}
