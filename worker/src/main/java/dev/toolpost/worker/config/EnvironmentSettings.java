package dev.toolpost.worker.config;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Settings from environment variables: {@code TOOLPOST_} and the key in capitals, its dots as underscores. What begins
 * with {@code TOOLPOST_KAFKA_} passes to the Kafka clients, underscores as dots.
 */
final class EnvironmentSettings {
    private static final String PREFIX = "TOOLPOST_";
    private static final String KAFKA = "TOOLPOST_KAFKA_";

    /** Read elsewhere: by the launcher, the log, the command line and the credential store. */
    private static final Set<String> OTHERS =
            Set.of("TOOLPOST_JAVA_OPTS", "TOOLPOST_AOT", "TOOLPOST_LOG", "TOOLPOST_CONFIG", "TOOLPOST_CREDENTIALS_KEY");

    /** What Kubernetes sets in every container for a service whose name begins with toolpost. */
    private static final Pattern SERVICE = Pattern.compile(".*_SERVICE_HOST|.*_SERVICE_PORT(_.*)?|.*_PORT_\\d+_.*");

    private EnvironmentSettings() {}

    static Map<String, Setting> of(Map<String, String> environment, Set<String> knownKeys) {
        Map<String, String> keysByVariable = new LinkedHashMap<>();
        for (String key : knownKeys) {
            keysByVariable.put(variable(key), key);
        }
        Map<String, Setting> settings = new LinkedHashMap<>();
        environment.forEach((variable, text) -> {
            if (variable.startsWith(PREFIX) && !OTHERS.contains(variable)) {
                String key = keysByVariable.get(variable);
                if (key == null) {
                    if (SERVICE.matcher(variable).matches() || text.startsWith("tcp://")) {
                        return;
                    }
                    String dotted = variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT);
                    key = variable.startsWith(KAFKA) ? dotted.replace('_', '.') : dotted;
                }
                settings.put(key, given(key, "environment variable " + variable, text));
            }
        });
        return settings;
    }

    static Setting given(String key, String origin, String text) {
        return new Setting(key, origin, origin, text.isEmpty() ? null : new Setting.Text(text));
    }

    static String variable(String key) {
        return PREFIX + key.replace('.', '_').toUpperCase(Locale.ROOT);
    }
}
