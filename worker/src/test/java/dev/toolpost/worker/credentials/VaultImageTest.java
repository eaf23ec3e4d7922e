package dev.toolpost.worker.credentials;

import dev.toolpost.worker.rig.ContainerEngine;
import java.net.URI;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** The contract over a dev server in a container; left out, and said so, where no container engine is. */
@Tag("docker")
@ExtendWith(VaultImageTest.WhereContainersRun.class)
class VaultImageTest extends VaultContract {

    private static final String IMAGE = "hashicorp/vault:1.21";
    private static final String TOKEN = "root";
    private static final int PORT = 8200;

    /** Removed by Testcontainers when the JVM ends. */
    private static final class Container {
        static final GenericContainer<?> VAULT = start();

        @SuppressWarnings("resource") // closed as said above
        private static GenericContainer<?> start() {
            GenericContainer<?> container = new GenericContainer<>(IMAGE)
                    .withEnv("VAULT_DEV_ROOT_TOKEN_ID", TOKEN)
                    .withEnv("SKIP_SETCAP", "true")
                    .withExposedPorts(PORT)
                    .waitingFor(Wait.forHttp("/v1/sys/health").forPort(PORT));
            container.start();
            return container;
        }
    }

    static final class WhereContainersRun implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return context.getTestMethod().isPresent() || ContainerEngine.isPresent()
                    ? ConditionEvaluationResult.enabled("containers run here")
                    : ContainerEngine.leftOut(
                            context.getRequiredTestClass(),
                            IMAGE,
                            "The same tests run on a simulated Vault, and with VAULT_ADDR and VAULT_TOKEN on a real one.");
        }
    }

    @Override
    URI address() {
        return URI.create("http://" + Container.VAULT.getHost() + ":" + Container.VAULT.getMappedPort(PORT));
    }

    @Override
    String rootToken() {
        return TOKEN;
    }

    @Override
    void endTokens() {
        server().revokeLogins();
    }
}
