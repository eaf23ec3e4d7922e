package dev.toolpost.connectors;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What every path of a connector is appended to, with the connection's variables in their places. A variable's value can only fill
 * the place that its kind allows, so that no value moves a request to another host than the definition provides for.
 * Immutable.
 *
 * @param template for example {@code https://{subdomain}.example.com/api}
 * @param variables all variables of the connector, by name
 */
public record BaseUrl(TextTemplate template, Map<String, Variable> variables) {

    public BaseUrl {
        variables = Immutable.map(variables);
    }

    /**
     * The base URL of a connection, without a slash at its end.
     *
     * @param values the connection's variables; those that are missing take their defaults
     * @throws InvalidVariableException where a value is missing or not what its variable may hold
     */
    public URI resolve(Map<String, String> values) {
        StringBuilder url = text(values);
        while (!url.isEmpty() && url.charAt(url.length() - 1) == '/') {
            url.setLength(url.length() - 1);
        }
        return uri(url);
    }

    /** The same with every character of the template, for an address that nothing is appended to. */
    private URI resolveExactly(Map<String, String> values) {
        return uri(text(values));
    }

    /**
     * An address that secrets are sent to, with every character of the template: over https, or at a loopback address.
     *
     * @throws InvalidVariableException also where it would send them in the clear
     */
    public URI resolveForSecrets(Map<String, String> values) {
        URI url = resolveExactly(values);
        if (!"https".equalsIgnoreCase(url.getScheme()) && !Loopback.isLoopback(url.getHost())) {
            throw new InvalidVariableException(
                    "token_url",
                    "token address " + url
                            + " (expected: https://; only a server of this machine may be asked over http)");
        }
        return url;
    }

    private StringBuilder text(Map<String, String> values) {
        StringBuilder url = new StringBuilder();
        for (TextTemplate.Part part : template.parts()) {
            switch (part) {
                case TextTemplate.Literal(String text) -> url.append(text);
                case TextTemplate.Argument(String name, var _) -> url.append(valueOf(name, values.get(name)));
            }
        }
        return url;
    }

    private static URI uri(StringBuilder url) {
        try {
            return new URI(url.toString());
        } catch (URISyntaxException e) {
            throw new InvalidVariableException("base_url", "base URL '" + url + "': " + e.getReason(), e);
        }
    }

    private String valueOf(String name, @Nullable String given) {
        Variable variable = variables.get(name);
        if (variable == null) {
            throw new IllegalStateException("base URL " + template + " names the unknown variable " + name);
        }
        return variable.accept(given);
    }
}
