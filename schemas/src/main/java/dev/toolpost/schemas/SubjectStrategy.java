package dev.toolpost.schemas;

/** Under which subject of the registry a schema stands: Confluent's three strategies. */
public enum SubjectStrategy {
    /** {@code <topic>-value}: one record type per topic. */
    TOPIC_NAME("TopicNameStrategy"),
    /** {@code <full name of the record>}: the same over all topics. */
    RECORD_NAME("RecordNameStrategy"),
    /** {@code <topic>-<full name of the record>}: several record types per topic. */
    TOPIC_RECORD_NAME("TopicRecordNameStrategy");

    private static final String CONFLUENT_PACKAGE = "io.confluent.kafka.serializers.subject.";

    private final String simpleName;

    SubjectStrategy(String simpleName) {
        this.simpleName = simpleName;
    }

    /** The strategy of that name: Confluent's class name, with its package or without. */
    public static SubjectStrategy of(String name) {
        String simple = name.startsWith(CONFLUENT_PACKAGE) ? name.substring(CONFLUENT_PACKAGE.length()) : name;
        for (SubjectStrategy strategy : values()) {
            if (strategy.simpleName.equals(simple)) {
                return strategy;
            }
        }
        throw new IllegalArgumentException("subject name strategy: \"" + name
                + "\" (expected: TopicNameStrategy, RecordNameStrategy or TopicRecordNameStrategy)");
    }

    String subject(String topic, String recordName, boolean key) {
        return switch (this) {
            case TOPIC_NAME -> topic + (key ? "-key" : "-value");
            case RECORD_NAME -> recordName;
            case TOPIC_RECORD_NAME -> topic + "-" + recordName;
        };
    }
}
