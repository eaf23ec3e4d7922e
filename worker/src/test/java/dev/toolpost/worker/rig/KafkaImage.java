package dev.toolpost.worker.rig;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.AppInfoParser;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;
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
        if (System.getProperty(BROKER) != null || Engine.PRESENT) {
            return ConditionEvaluationResult.enabled("a broker can be had");
        }
        String why = context.getRequiredTestClass().getSimpleName() + " is LEFT OUT: it runs on the image " + IMAGE
                + ", and there is no container engine here (no DOCKER_HOST, no docker.sock that answers). The same tests"
                + " run on the embedded broker.";
        System.out.println("[NOTICE] " + why);
        return ConditionEvaluationResult.disabled(why);
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

    /** Asked once, and Testcontainers only where a look at the usual places promises something: it takes seconds to find nothing. */
    private static final class Engine {

        static final boolean PRESENT =
                promising() && DockerClientFactory.instance().isDockerAvailable();

        private static boolean promising() {
            Path home = Path.of(System.getProperty("user.home"));
            Path runtime = Path.of(Objects.requireNonNullElse(System.getenv("XDG_RUNTIME_DIR"), "/run"));
            List<Path> sockets = List.of(
                    Path.of("/var/run/docker.sock"),
                    runtime.resolve("docker.sock"),
                    runtime.resolve("podman/podman.sock"),
                    home.resolve(".docker/run/docker.sock"),
                    home.resolve(".testcontainers.properties"));
            return System.getenv("DOCKER_HOST") != null
                    || System.getProperty("os.name").startsWith("Windows")
                    || sockets.stream().anyMatch(Files::exists);
        }
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
