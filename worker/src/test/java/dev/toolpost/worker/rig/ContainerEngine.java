package dev.toolpost.worker.rig;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.testcontainers.DockerClientFactory;

/** Whether containers can be run here. Asked once, and Testcontainers only where a look at the usual places promises something: it takes seconds to find nothing. */
public final class ContainerEngine {

    private static final boolean PRESENT =
            promising() && DockerClientFactory.instance().isDockerAvailable();

    private ContainerEngine() {}

    public static boolean isPresent() {
        return PRESENT;
    }

    /** Leaves a class out, and has the run say so. */
    public static ConditionEvaluationResult leftOut(Class<?> tests, Object image, String instead) {
        String why = tests.getSimpleName() + " is LEFT OUT: it runs on the image " + image
                + ", and there is no container engine here (no DOCKER_HOST, no docker.sock that answers). " + instead;
        System.out.println("[NOTICE] " + why);
        return ConditionEvaluationResult.disabled(why);
    }

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
