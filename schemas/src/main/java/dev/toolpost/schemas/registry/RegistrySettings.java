package dev.toolpost.schemas.registry;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the registry is and how to get in.
 *
 * @param urls base addresses, tried in turn; without user info
 * @param userInfo {@code user:password} of basic authentication, or null
 * @param timeout for one exchange with one address
 * @param attempts exchanges over all addresses before a request is given up, from 1
 * @param unknownFor how long an id that the registry does not know is not asked for again
 */
public record RegistrySettings(
        List<URI> urls, @Nullable String userInfo, Duration timeout, int attempts, Duration unknownFor) {
    public static final String URL = "schema.registry.url";
    public static final String CREDENTIALS_SOURCE = "basic.auth.credentials.source";
    public static final String USER_INFO = "basic.auth.user.info";
    /** The same key as it is written where it stands among Kafka's own. */
    public static final String PREFIXED_USER_INFO = "schema.registry.basic.auth.user.info";

    public static final String TIMEOUT = "http.read.timeout.ms";

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
    private static final int DEFAULT_ATTEMPTS = 3;
    private static final Duration DEFAULT_UNKNOWN_FOR = Duration.ofSeconds(30);

    public RegistrySettings {
        urls = List.copyOf(urls);
        if (urls.isEmpty()) {
            throw new IllegalArgumentException(URL + ": empty (expected: at least one address)");
        }
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts: " + attempts + " (expected: >= 1)");
        }
    }

    /** The registry at one or more addresses (comma-separated), without authentication. */
    public static RegistrySettings at(String url) {
        return from(Map.of(URL, url));
    }

    /**
     * Reads Confluent's keys: {@code schema.registry.url} (comma-separated), {@code basic.auth.credentials.source}
     * ({@code URL} or {@code USER_INFO}), {@code basic.auth.user.info}, {@code http.read.timeout.ms}. Other keys are left
     * alone.
     *
     * @throws IllegalArgumentException naming the key, the value and what is expected
     */
    public static RegistrySettings from(Map<String, ?> config) {
        String fromUrl = null;
        List<URI> urls = new ArrayList<>();
        for (String text : required(config, URL).split(",", -1)) {
            URI url = url(text.strip());
            if (url.getRawUserInfo() != null) {
                fromUrl = URLDecoder.decode(url.getRawUserInfo().replace("+", "%2B"), StandardCharsets.UTF_8);
            }
            urls.add(withoutUserInfo(url));
        }
        return new RegistrySettings(
                urls, userInfo(config, fromUrl), timeout(config), DEFAULT_ATTEMPTS, DEFAULT_UNKNOWN_FOR);
    }

    private static @Nullable String userInfo(Map<String, ?> config, @Nullable String fromUrl) {
        Object given = config.get(USER_INFO) != null ? config.get(USER_INFO) : config.get(PREFIXED_USER_INFO);
        Object source = config.get(CREDENTIALS_SOURCE);
        String chosen = source == null ? (given != null && fromUrl == null ? "USER_INFO" : "URL") : source.toString();
        return switch (chosen) {
            case "URL" -> fromUrl;
            case "USER_INFO" -> {
                if (given == null) {
                    throw new IllegalArgumentException(USER_INFO + ": missing (expected: user:password, because "
                            + CREDENTIALS_SOURCE + " is USER_INFO)");
                }
                yield given.toString();
            }
            default ->
                throw new IllegalArgumentException(
                        CREDENTIALS_SOURCE + ": \"" + chosen + "\" (expected: URL or USER_INFO)");
        };
    }

    private static Duration timeout(Map<String, ?> config) {
        Object value = config.get(TIMEOUT);
        if (value == null) {
            return DEFAULT_TIMEOUT;
        }
        try {
            long millis = Long.parseLong(value.toString());
            if (millis > 0) {
                return Duration.ofMillis(millis);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(TIMEOUT + ": \"" + value + "\" (expected: milliseconds above 0)", e);
        }
        throw new IllegalArgumentException(TIMEOUT + ": " + value + " (expected: milliseconds above 0)");
    }

    private static String required(Map<String, ?> config, String key) {
        Object value = config.get(key);
        if (value instanceof List<?> list) {
            return String.join(",", list.stream().map(Object::toString).toList());
        }
        if (value == null || value.toString().isBlank()) {
            throw new IllegalArgumentException(key + ": missing (expected: for example http://localhost:8081)");
        }
        return value.toString();
    }

    private static URI url(String text) {
        URI url;
        try {
            url = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    URL + ": not an address (expected: for example http://localhost:8081)", e);
        }
        String scheme = url.getScheme();
        if (url.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
            throw new IllegalArgumentException(
                    URL + ": \"" + withoutUserInfo(url) + "\" (expected: http:// or https:// and a host)");
        }
        return url;
    }

    private static URI withoutUserInfo(URI url) {
        if (url.getRawUserInfo() == null) {
            return url;
        }
        return URI.create(url.toString().replace(url.getRawUserInfo() + "@", ""));
    }

    @Override
    public String toString() {
        return "RegistrySettings[urls=" + urls + ", userInfo=" + (userInfo == null ? "none" : "(hidden)") + "]";
    }
}
