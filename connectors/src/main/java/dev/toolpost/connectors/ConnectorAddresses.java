package dev.toolpost.connectors;

import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where a connector's requests and secrets can go: the origins of its base URLs, every further address (of tokens, of
 * logins) as a whole, and the hosts that results may be fetched from. Two definitions of a vendor with the same addresses send its customers' secrets to the same places.
 */
public final class ConnectorAddresses {
    private static final String SCHEME_END = "://";

    private final SortedSet<String> found = new TreeSet<>();

    private ConnectorAddresses() {}

    /** All addresses, each after what it is used for, for example {@code api https://api.acme.example}. */
    public static SortedSet<String> of(Connector connector) {
        ConnectorAddresses addresses = new ConnectorAddresses();
        addresses.addOrigin(connector.baseUrl());
        connector.baseUrls().values().forEach(addresses::addOrigin);
        connector.toolUrls().values().forEach(addresses::addOrigin);
        connector.auth().forEach(auth -> addresses.walk(auth.id(), auth));
        connector.tools().values().forEach(tool -> addresses.walk("tool", tool));
        return Collections.unmodifiableSortedSet(addresses.found);
    }

    /** The addresses of a definition that an earlier one does not have. */
    public static SortedSet<String> moved(Connector earlier, Connector later) {
        SortedSet<String> added = new TreeSet<>(of(later));
        added.removeAll(of(earlier));
        return added;
    }

    private void addOrigin(BaseUrl url) {
        StringBuilder origin = new StringBuilder();
        for (TextTemplate.Part part : url.template().parts()) {
            if (part instanceof TextTemplate.Literal(String literal)) {
                int scheme = literal.indexOf(SCHEME_END);
                int slash = literal.indexOf('/', scheme < 0 ? 0 : scheme + SCHEME_END.length());
                origin.append(slash < 0 ? literal : literal.substring(0, slash));
                if (slash >= 0) {
                    break;
                }
            } else {
                origin.append(text(url, part));
            }
        }
        found.add("api " + origin);
    }

    /** Looks through what a definition is made of, so that no kind of address can be forgotten here. */
    private void walk(String use, Object part) {
        switch (part) {
            case RequestTemplate.Link link -> link.hosts().forEach(host -> found.add(use + " link to " + host));
            case BaseUrl url -> found.add(use + " " + text(url));
            case URI url -> found.add(use + " " + url);
            case Collection<?> all -> all.forEach(each -> walk(use, each));
            case Map<?, ?> all -> all.values().forEach(each -> walk(use, each));
            case Record parts -> {
                for (RecordComponent component : parts.getClass().getRecordComponents()) {
                    Object value = read(component, parts);
                    if (value != null) {
                        walk(use, value);
                    }
                }
            }
            default -> {
                // Texts, numbers and what else leads nowhere.
            }
        }
    }

    private static @Nullable Object read(RecordComponent component, Record parts) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(parts);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }

    /** The address with what each variable of it can hold. */
    private static String text(BaseUrl url) {
        StringBuilder text = new StringBuilder();
        for (TextTemplate.Part part : url.template().parts()) {
            text.append(text(url, part));
        }
        return text.toString();
    }

    private static String text(BaseUrl url, TextTemplate.Part part) {
        return switch (part) {
            case TextTemplate.Literal(String literal) -> literal;
            case TextTemplate.Argument(String name, var _) ->
                text(url.variables().get(name), name);
        };
    }

    private static String text(@Nullable Variable variable, String name) {
        if (variable == null) {
            return "{" + name + "}";
        }
        boolean leads = variable.kind() == Variable.Kind.HOST || variable.kind() == Variable.Kind.URL;
        return "{" + variable.kind() + (leads ? " " + variable.standard() + " " + variable.pattern() : "") + "}";
    }
}
