package dev.toolpost.worker.rig;

import java.util.stream.Stream;
import org.apache.kafka.common.utils.AppInfoParser;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** Makes the {@code apache/kafka} image the broker of the rigs of a class; one container for all classes of the JVM. */
final class KafkaImage implements ExecutionCondition, BeforeAllCallback, AfterAllCallback {

    static final String BROKER = "toolpost.test.kafka";

    private static final DockerImageName IMAGE =
            DockerImageName.parse("apache/kafka").withTag(AppInfoParser.getVersion());

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (context.getTestMethod().isPresent()) {
            return ConditionEvaluationResult.enabled("its class is");
        }
        if (System.getProperty(BROKER) != null || ContainerEngine.isPresent()) {
            return ConditionEvaluationResult.enabled("a broker can be had");
        }
        return ContainerEngine.leftOut(
                context.getRequiredTestClass(), IMAGE, "The same tests run on the embedded broker.");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        String named = System.getProperty(BROKER);
        Rig.useBroker(named == null ? Container.BROKER.getBootstrapServers() : named);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Rig.useBroker(null);
    }

    private static final class Container {

        /** Removed by Testcontainers when the JVM ends. */
        static final KafkaContainer BROKER = start();

        private static KafkaContainer start() {
            KafkaContainer container = new KafkaContainer(IMAGE);
            Stream.of(
                            "AUTO_CREATE_TOPICS_ENABLE=false",
                            "OFFSETS_TOPIC_NUM_PARTITIONS=4",
                            "TRANSACTION_STATE_LOG_NUM_PARTITIONS=4",
                            "TRANSACTION_ABORT_TIMED_OUT_TRANSACTION_CLEANUP_INTERVAL_MS=1000",
                            "GROUP_MIN_SESSION_TIMEOUT_MS=1000")
                    .map(setting -> setting.split("="))
                    .forEach(setting -> container.withEnv("KAFKA_" + setting[0], setting[1]));
            container.start();
            return container;
        }
    }
}
