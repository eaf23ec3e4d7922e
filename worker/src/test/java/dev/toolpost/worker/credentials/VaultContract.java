package dev.toolpost.worker.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.worker.oauth.IdleConnections;
import dev.toolpost.worker.oauth.IdleGrants;
import dev.toolpost.worker.vault.VaultClient;
import dev.toolpost.worker.vault.VaultLogin;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** What the store does over any Vault, simulated or real. */
abstract class VaultContract extends CredentialStoreContract {

    private VaultServer server;

    abstract URI address();

    abstract String rootToken();

    /** Ends every token that a login gave. */
    abstract void endTokens();

    @BeforeEach
    void open() {
        server = new VaultServer(address(), rootToken());
        // Answers only when the engine is ready.
        JsonNode _ = server.admin("GET", server.mount() + "/data/none", "");
    }

    @AfterEach
    void close() throws Exception {
        server.close();
    }

    VaultServer server() {
        return server;
    }

    @Override
    CredentialStore store() {
        return server.store(server.rootLogin());
    }

    private JsonNode version(String id, long version) {
        return server.admin("GET", server.mount() + "/data/toolpost/" + id + "?version=" + version, "");
    }

    @Test
    void aConnectionIsOneSecretWithItsRecordBesideIt() {
        CredentialStore store = store();
        long version = store.put(SALES, Secret.of("token", "t"), CredentialStore.ABSENT);
        JsonNode data = version("acme/sales-hubspot", version).path("data");
        assertThat(data.path("data").path("connection").path("vendor").asString())
                .isEqualTo("hubspot");
        assertThat(data.path("data").path("secret").path("token").asString()).isEqualTo("t");
        assertThat(data.path("metadata").path("version").asLong()).isEqualTo(version);
    }

    @Test
    void nothingIsLeftOfTheSecretsOfARemovedConnection() {
        CredentialStore store = store();
        store.put(SALES, Secret.of("token", "first"), CredentialStore.ABSENT);
        store.put(SALES, Secret.of("token", "second"), CredentialStore.ANY);
        assertThat(version("acme/sales-hubspot", 1).toString()).contains("first");
        assertThat(store.remove("acme", "sales-hubspot")).isTrue();
        for (int version = 0; version <= 3; version++) {
            assertThat(version("acme/sales-hubspot", version).toString()).doesNotContain("first", "second");
        }
        assertThat(store.list("acme")).isEmpty();
        assertThat(store.list(null)).isEmpty();
    }

    @Test
    void whoeverKnewARemovedConnectionCanNeitherBringItBackNorWriteOverTheNewOne() {
        CredentialStore store = store();
        CredentialStore late = store();
        long known = store.put(SALES, Secret.of("token", "old"), CredentialStore.ABSENT);
        store.remove("acme", "sales-hubspot");
        assertThatThrownBy(() -> late.put(SALES, Secret.of("token", "late"), known))
                .isInstanceOf(VersionConflictException.class);
        long again = store.put(SALES, Secret.of("token", "new"), CredentialStore.ABSENT);
        assertThat(again).isGreaterThan(known);
        for (long version = 1; version < again; version++) {
            long stale = version;
            assertThatThrownBy(() -> late.put(SALES, Secret.of("token", "late"), stale))
                    .isInstanceOf(VersionConflictException.class);
        }
        assertThat(late.findNow("acme", "sales-hubspot").secret()).isEqualTo(Secret.of("token", "new"));
    }

    @Test
    void ofTwoWorkersWhoChangeAConnectionTheNewestWinsAndTheOtherIsTold() {
        CredentialStore one = store();
        CredentialStore other = store();
        long version = one.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        assertThat(other.find("acme", "sales-hubspot").version()).isEqualTo(version);
        long newer = one.put(SALES, Secret.of("token", "2"), version);
        assertThatThrownBy(() -> other.put(SALES, Secret.of("token", "3"), version))
                .isInstanceOfSatisfying(
                        VersionConflictException.class,
                        conflict -> assertThat(conflict.actualVersion()).isEqualTo(newer));
        assertThat(other.find("acme", "sales-hubspot").secret()).isEqualTo(Secret.of("token", "2"));
    }

    @Test
    void whatAnotherProcessChangedIsSeenAtOnceWhereItIsToldAndWhereItIsAskedFor() {
        CredentialStore one = store();
        CredentialStore other = store();
        one.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        StoredConnection known = other.find("acme", "sales-hubspot");
        assertThat(other.find("acme", "sales-hubspot")).isSameAs(known);
        one.put(SALES, Secret.of("token", "2"), CredentialStore.ANY);
        assertThat(other.find("acme", "sales-hubspot")).as("remembered").isSameAs(known);
        other.changedElsewhere("acme", "sales-hubspot");
        assertThat(other.find("acme", "sales-hubspot").secret()).isEqualTo(Secret.of("token", "2"));

        one.put(SALES, Secret.of("token", "3"), CredentialStore.ANY);
        assertThat(other.findNow("acme", "sales-hubspot").secret()).isEqualTo(Secret.of("token", "3"));
        assertThat(other.find("acme", "sales-hubspot").secret()).isEqualTo(Secret.of("token", "3"));
        other.changedElsewhere("acme", "sales-hubspot");
        StoredConnection now = other.find("acme", "sales-hubspot");
        other.changedElsewhere("acme", "sales-hubspot");
        assertThat(other.find("acme", "sales-hubspot")).isEqualTo(now);
    }

    @Test
    void theDocumentedPolicyOfWorkersLetsThemReadAndRefreshAndNothingElse() {
        CredentialStore admin = store();
        long version = admin.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        server.admin("POST", server.mount() + "/data/payroll/boss", "{\"data\":{\"salary\":\"secret\"}}");
        VaultLogin login = server.appRole(server.documented("worker"), "1h", "4h");
        CredentialStore worker = server.store(login);
        assertThat(worker.find("acme", "sales-hubspot").secret()).isEqualTo(Secret.of("token", "1"));
        long refreshed = worker.put(SALES, Secret.of("token", "2"), version);
        assertThat(worker.put(SALES, Secret.of("token", "3"), refreshed)).isGreaterThan(refreshed);
        assertThatThrownBy(() -> worker.put(SALES, Secret.of("token", "4"), version))
                .isInstanceOf(VersionConflictException.class);
        assertThat(worker.find("acme", "none")).isNull();

        assertDenied(() -> worker.list(null));
        assertDenied(() -> worker.list("acme"));
        assertDenied(() -> worker.put(OTHER, Secret.of("token", "1"), CredentialStore.ABSENT));
        assertThatThrownBy(() -> worker.remove("acme", "sales-hubspot"))
                .isInstanceOf(CredentialsUnavailableException.class)
                .hasMessageContaining("its old versions are still in Vault");
        assertDenied(() -> new VaultCredentialStore(
                        clientOf(worker), server.mount(), "payroll", Duration.ZERO, 10, System::nanoTime)
                .find("boss", "x"));
    }

    @Test
    void aStolenTokenOfAWorkerReachesWhatTheDocumentsSayAndNoMore() throws Exception {
        CredentialStore admin = store();
        admin.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        admin.put(SALES, Secret.of("token", "2"), CredentialStore.ANY);
        server.admin("POST", server.mount() + "/data/payroll/boss", "{\"data\":{\"salary\":\"secret\"}}");
        String stolen = server.stolenToken(server.documented("worker"));
        String engine = server.mount() + "/";
        String sales = "toolpost/acme/sales-hubspot";
        String over = "{\"data\":{\"any\":\"thing\"}}";
        assertThat(server.status(stolen, "GET", engine + "data/" + sales, "")).isEqualTo(200);
        assertThat(server.status(stolen, "GET", engine + "data/" + sales + "?version=1", ""))
                .as("older versions included")
                .isEqualTo(200);
        assertThat(server.status(stolen, "POST", engine + "data/" + sales, over))
                .as("written over without a check")
                .isEqualTo(200);
        assertThat(server.status(stolen, "GET", "auth/token/lookup-self", "")).isEqualTo(200);
        assertThat(server.status(stolen, "POST", "auth/token/renew-self", "{}")).isEqualTo(200);

        String versions = "{\"versions\":[1]}";
        for (String[] refused : new String[][] {
            {"LIST", engine + "metadata/toolpost/", ""},
            {"LIST", engine + "metadata/toolpost/acme/", ""},
            {"GET", engine + "metadata/" + sales, ""},
            {"DELETE", engine + "metadata/" + sales, ""},
            {"POST", engine + "data/toolpost/acme/made-up", over},
            {"DELETE", engine + "data/" + sales, ""},
            {"PATCH", engine + "data/" + sales, over},
            {"POST", engine + "delete/" + sales, versions},
            {"POST", engine + "undelete/" + sales, versions},
            {"POST", engine + "destroy/" + sales, versions},
            {"POST", engine + "config", "{\"max_versions\":1}"},
            {"GET", engine + "data/payroll/boss", ""},
            {"POST", "auth/token/create", "{}"},
            {"POST", "sys/policies/acl/anything", "{\"policy\":\"\"}"},
            {"POST", "sys/mounts/anything", "{\"type\":\"kv\"}"}
        }) {
            assertThat(server.status(stolen, refused[0], refused[1], refused[2]))
                    .as("%s %s", refused[0], refused[1])
                    .isEqualTo(403);
        }
    }

    @Test
    void withoutTheRightToListOnlyUsedGrantsAreKeptAliveAndTheLogSaysWhatIsMissing() {
        CredentialStore admin = store();
        for (String name : List.of("used", "unused")) {
            admin.put(
                    ConnectionRecord.of("acme", name, "pipedrive", "oauth2"),
                    Secret.of("refresh_token", "r"),
                    CredentialStore.ABSENT);
        }
        CredentialStore worker = server.store(server.appRole(server.documented("worker"), "1h", "4h"));
        IdleConnections idle = new IdleConnections(
                "common",
                worker,
                () -> Set.of("acme/used"),
                new IdleGrants(Duration.ofHours(1), null),
                InstantSource.system());
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(IdleConnections.class);
        logger.addAppender(log);
        try {
            for (int round = 0; round < 2; round++) {
                assertThat(idle.toLookAt((tenant, connection) -> true))
                        .containsExactly(new IdleConnections.Name("acme", "used"));
            }
            assertThat(log.list).as("said once").hasSize(1);
            assertThat(log.list.getFirst().getLevel()).isEqualTo(Level.WARN);
            assertThat(log.list.getFirst().getFormattedMessage())
                    .contains("Vault refuses to list " + server.mount() + "/metadata/toolpost")
                    .contains("docs/credentials.md", "die", "credentials.idle_check");

            String _ = server.allow(server.documented("worker") + server.documented("idle"));
            List<IdleConnections.Name> all = idle.toLookAt((tenant, connection) -> true);
            assertThat(all)
                    .containsExactly(
                            new IdleConnections.Name("acme", "unused"), new IdleConnections.Name("acme", "used"));
            assertThat(idle.due(all.getFirst(), ConnectorCatalogue.bundled())).isNotNull();
            assertThat(log.list).hasSize(1);
        } finally {
            logger.detachAppender(log);
        }
        assertDenied(() -> worker.put(OTHER, Secret.of("token", "1"), CredentialStore.ABSENT));
    }

    private static VaultClient clientOf(CredentialStore store) {
        return ((VaultCredentialStore) store).client();
    }

    private static void assertDenied(ThrowingCallable use) {
        assertThatThrownBy(use)
                .isInstanceOf(CredentialsUnavailableException.class)
                .hasMessageContaining("Vault refuses to")
                .hasMessageContaining("403");
    }

    @Test
    void theDocumentedPolicyOfOperatorsLetsThemManageConnections() {
        CredentialStore operator = server.store(server.appRole(server.documented("operator"), "1h", "4h"));
        long version = operator.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        operator.put(SALES, Secret.of("token", "2"), version);
        operator.put(SALES, Secret.of("token", "3"), CredentialStore.ANY);
        operator.put(SUPPORT, Secret.none(), CredentialStore.ABSENT);
        assertThat(operator.list(null)).containsExactly(SALES, SUPPORT);
        assertThat(operator.remove("acme", "sales-hubspot")).isTrue();
        operator.put(SALES, Secret.of("token", "4"), CredentialStore.ABSENT);
        assertThat(operator.find("acme", "sales-hubspot").secret()).isEqualTo(Secret.of("token", "4"));
    }

    @Test
    void anEngineThatTakesNoWriteWithoutAVersionTakesOurs() {
        server.admin("POST", server.mount() + "/config", "{\"cas_required\":true,\"max_versions\":3}");
        CredentialStore store = store();
        store.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        for (int i = 0; i < 5; i++) {
            store.put(SALES, Secret.of("token", "t" + i), CredentialStore.ANY);
        }
        assertThat(store.remove("acme", "sales-hubspot")).isTrue();
        store.put(SALES, Secret.of("token", "again"), CredentialStore.ABSENT);
        assertThat(store.find("acme", "sales-hubspot").secret()).isEqualTo(Secret.of("token", "again"));
    }

    @Test
    void anEngineThatIsNotThereIsNamedAndNotTakenForAnEmptyStore() {
        CredentialStore store =
                new VaultCredentialStore(clientOf(store()), "nowhere", "toolpost", Duration.ZERO, 10, System::nanoTime);
        assertThatThrownBy(() -> store.find("acme", "sales-hubspot"))
                .isInstanceOf(CredentialsUnavailableException.class)
                .hasMessageContaining("Vault has no KV engine at nowhere");
        assertThatThrownBy(() -> store.list(null)).hasMessageContaining("no KV engine at nowhere");
    }

    @Test
    void whatIsNoConnectionIsNamedAndHidesNoOthers() {
        CredentialStore store = store();
        store.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        server.admin("POST", server.mount() + "/data/toolpost/acme/odd", "{\"data\":{\"token\":\"hvs.canary\"}}");
        assertThatThrownBy(() -> store.find("acme", "odd"))
                .isInstanceOf(CredentialsUnavailableException.class)
                .hasMessageContaining(server.mount() + "/toolpost/acme/odd holds no connection")
                .hasMessageNotContaining("canary");
        assertThat(store.list("acme")).containsExactly(SALES);

        // A copy of somebody else's secret is nobody's connection.
        String copy = version("acme/sales-hubspot", 0).path("data").path("data").toString();
        server.admin("POST", server.mount() + "/data/toolpost/globex/sales-hubspot", "{\"data\":" + copy + "}");
        assertThatThrownBy(() -> store.find("globex", "sales-hubspot"))
                .hasMessageContaining("holds the connection acme/sales-hubspot");
    }

    @Test
    void aConnectionThatWasDeletedInVaultIsNoConnection() {
        CredentialStore store = store();
        store.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        server.admin("DELETE", server.mount() + "/data/toolpost/acme/sales-hubspot", "");
        assertThat(store.findNow("acme", "sales-hubspot")).isNull();
        assertThat(store.list("acme")).isEmpty();
        long again = store.put(SALES, Secret.of("token", "2"), CredentialStore.ABSENT);
        assertThat(again).isGreaterThan(1);
        server.admin("DELETE", server.mount() + "/metadata/toolpost/acme/sales-hubspot", "");
        assertThat(store.findNow("acme", "sales-hubspot")).isNull();
    }

    @Test
    void whereItsTokenWasRevokedTheStoreLogsInAgainByItself() {
        CredentialStore admin = store();
        admin.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        CredentialStore worker = server.store(server.appRole(server.documented("worker"), "1h", "4h"));
        assertThat(worker.findNow("acme", "sales-hubspot")).isNotNull();
        endTokens();
        assertThat(worker.findNow("acme", "sales-hubspot").secret()).isEqualTo(Secret.of("token", "1"));
    }
}
