package dev.toolpost.worker.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.GrantSpec;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.OAuthStats;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.KeySource;
import dev.toolpost.worker.credentials.LocalCredentialStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that both believe to own a connection, over one store: only the intent stands between them. */
@Timeout(120)
class TwoProcessesTest {

    private static final int SECONDS = 12;
    private static final Duration LIFE = Duration.ofSeconds(2);

    @TempDir
    Path directory;

    @Test
    void twoProcessesThatHammerOneConnectionNeverRefreshItTwiceAtOnce() throws Exception {
        List<Process> processes = new ArrayList<>();
        try (SimulatedVendor vendor = SimulatedVendor.builder().unlimited().start()) {
            vendor.inject(Fault.latency(Duration.ZERO)
                    .delay(Duration.ofMillis(50), Duration.ofMillis(400))
                    .on("POST", "/oauth/v3/token"));
            OAuthGrant grant = vendor.grant(GrantSpec.usual()
                    .withRotation(true)
                    .withReuseLeeway(Duration.ZERO)
                    .withLifetime(LIFE));
            LocalCredentialStore store = LocalCredentialStore.open(
                    directory.resolve("credentials"), new KeySource.KeyFile(directory.resolve("key")));
            store.put(
                    OAuthVendor.connection("acme", "books", vendor.uri()),
                    OAuthVendor.withoutAccessToken(grant),
                    CredentialStore.ABSENT);
            List<BufferedReader> outputs = new ArrayList<>();
            for (String name : List.of("one", "two")) {
                Process process = start(name);
                processes.add(process);
                outputs.add(process.inputReader());
            }
            for (BufferedReader output : outputs) {
                assertThat(output.readLine()).isEqualTo("ready");
            }
            Files.createFile(directory.resolve("begin"));
            long requests = 0;
            for (BufferedReader output : outputs) {
                String line = output.readLine();
                assertThat(line).startsWith("given ");
                System.out.println(line);
                requests += Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
            }
            OAuthStats.Counts counts = vendor.oauth().of(grant.id());
            assertThat(counts).isEqualTo(new OAuthStats.Counts(requests, requests, 0, 0, 0));
            assertThat(requests)
                    .as("one for each life, and not one more")
                    .isBetween(3L, SECONDS * 1_000L / (LIFE.toMillis() * 8 / 10) + 1);
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }

    private Process start(String name) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RefreshHammer.class.getName(),
                        directory.toString(),
                        name,
                        Integer.toString(SECONDS)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
