package dev.toolpost.schemas;

import java.util.Map;

/**
 * How Avro values are tied to the registry. The keys are Confluent's.
 *
 * @param registration where the id of a written schema comes from
 * @param strategy under which subject it stands
 */
public record AvroSettings(Registration registration, SubjectStrategy strategy) {
    public static final String AUTO_REGISTER = "auto.register.schemas";
    public static final String USE_LATEST = "use.latest.version";
    public static final String VALUE_STRATEGY = "value.subject.name.strategy";
    public static final String KEY_STRATEGY = "key.subject.name.strategy";

    /** Where the id of a written schema comes from. */
    public enum Registration {
        /** Register ours if it is not there ({@code auto.register.schemas=true}). */
        AUTO,
        /** Ours must be there ({@code auto.register.schemas=false}). */
        LOOKUP,
        /** Write in the subject's newest version ({@code use.latest.version=true}). */
        LATEST
    }

    /** Confluent's defaults: register automatically, one record type per topic. */
    public static AvroSettings defaults() {
        return new AvroSettings(Registration.AUTO, SubjectStrategy.TOPIC_NAME);
    }

    /** Settings out of a Kafka client's configuration. As at Confluent, the newest version counts only if nothing is registered. */
    public static AvroSettings from(Map<String, ?> config, boolean key) {
        boolean auto = flag(config, AUTO_REGISTER, true);
        boolean latest = flag(config, USE_LATEST, false);
        Registration registration = auto ? Registration.AUTO : latest ? Registration.LATEST : Registration.LOOKUP;
        Object strategy = config.get(key ? KEY_STRATEGY : VALUE_STRATEGY);
        String name = strategy instanceof Class<?> type ? type.getName() : strategy == null ? "" : strategy.toString();
        return new AvroSettings(registration, name.isEmpty() ? SubjectStrategy.TOPIC_NAME : SubjectStrategy.of(name));
    }

    private static boolean flag(Map<String, ?> config, String key, boolean otherwise) {
        Object value = config.get(key);
        if (value == null) {
            return otherwise;
        }
        return switch (value.toString()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(key + ": " + value + " (expected: true or false)");
        };
    }
}
