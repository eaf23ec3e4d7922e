package dev.toolpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.sandbox.SimulatedVault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code toolpost connections} where the credential store is Vault. */
class VaultConnectionsTest {

    private final SimulatedVault vault = SimulatedVault.start();

    @TempDir
    private Path directory;

    private String config;
    private String secret;

    @BeforeEach
    void configure() throws IOException {
        config = Files.writeString(
                        directory.resolve("toolpost.yaml"), """
                        default_tenant: acme
                        kafka.bootstrap.servers: 127.0.0.1:1
                        credentials:
                          vault: { address: '%s', token: '%s', retry_for: 300ms }
                        """.formatted(vault.uri(), SimulatedVault.ROOT_TOKEN))
                .toString();
        secret = Files.writeString(directory.resolve("secret"), "pat-canary").toString();
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    private Cli.Outcome run(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "connections";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[all.length - 2] = "--config";
        all[all.length - 1] = config;
        return Cli.run(all);
    }

    private Cli.Outcome add(String... more) {
        String[] arguments = new String[more.length + 5];
        System.arraycopy(
                new String[] {"add", "sales", "--vendor=hubspot", "--secret-file", secret}, 0, arguments, 0, 5);
        System.arraycopy(more, 0, arguments, 5, more.length);
        return run(arguments);
    }

    @Test
    void connectionsAreAddedListedShownReplacedAndRemoved() {
        Cli.Outcome added = add("--label", "team=crm");
        assertThat(added.exitCode()).as(added.err()).isZero();
        assertThat(added.out()).contains("Stored acme/sales").contains("Vault at " + vault.uri() + ", secret/toolpost");
        assertThat(added.err()).contains("Workers could not be told").contains("within 60 s");
        assertThat(add().err()).contains("exists already");
        assertThat(add("--replace").exitCode()).isZero();

        assertThat(run("list", "--output", "json")
                        .json()
                        .get(0)
                        .path("connection")
                        .asString())
                .isEqualTo("sales");
        assertThat(run("show", "sales").out()).contains("hubspot").contains("crm");
        assertThat(vault.requests()).contains("POST secret/data/toolpost/acme/sales");

        assertThat(run("remove", "sales").exitCode()).isZero();
        assertThat(run("show", "sales").err()).contains("no connection sales");
        assertThat(run("remove", "sales").exitCode()).isNotZero();
    }

    @Test
    void aVaultThatIsAwayIsNamedWithoutAStackTraceOrASecret() {
        add();
        vault.seal();
        Cli.Outcome listed = run("list");
        assertThat(listed.exitCode()).isNotZero();
        assertThat(listed.err())
                .contains("Vault cannot be used now")
                .contains("sealed")
                .doesNotContain("canary", SimulatedVault.ROOT_TOKEN, "at dev.toolpost");
    }
}
