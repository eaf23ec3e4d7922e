package dev.toolpost.worker.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalCredentialStoreTest extends CredentialStoreContract {

    private static final String CANARY = "canary-token-4711";

    @TempDir
    Path directory;

    private final AtomicLong nanos = new AtomicLong(5);

    @Override
    CredentialStore store() {
        return open();
    }

    private Path file() {
        return directory.resolve("home/credentials");
    }

    private Path keyFile() {
        return directory.resolve("home/credentials.key");
    }

    private LocalCredentialStore open() {
        return open(new KeySource.KeyFile(keyFile()));
    }

    private LocalCredentialStore open(KeySource key) {
        return LocalCredentialStore.open(file(), key, nanos::get);
    }

    private void letTimePass() {
        nanos.addAndGet(LocalCredentialStore.CHECK_EVERY.toNanos());
    }

    @Test
    void aReopenedStoreHoldsWhatWasPut() {
        long version = open().put(SALES, Secret.of("token", CANARY), CredentialStore.ABSENT);
        assertThat(open().find("acme", "sales-hubspot"))
                .isEqualTo(new StoredConnection(SALES, Secret.of("token", CANARY), version));
    }

    @Test
    void nothingReadableReachesTheDiskAndOnlyTheOwnerMayRead() throws IOException {
        open().put(SALES, Secret.of("token", CANARY), CredentialStore.ABSENT);
        try (Stream<Path> files = Files.list(file().getParent())) {
            for (Path each : files.toList()) {
                String content = Files.readString(each, StandardCharsets.ISO_8859_1);
                assertThat(content).doesNotContain(CANARY, "acme", "hubspot");
            }
        }
        for (Path each : List.of(file(), keyFile())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                    .isEqualTo("rw-------");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file().getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void theSameContentIsSealedDifferentlyEachTime() throws IOException {
        var store = open();
        store.put(SALES, Secret.none(), CredentialStore.ANY);
        byte[] first = Files.readAllBytes(file());
        store.remove("acme", "sales-hubspot");
        store.put(SALES, Secret.none(), CredentialStore.ANY);
        assertThat(Files.readAllBytes(file())).isNotEqualTo(first);
    }

    @Test
    void aChangeByAnotherProcessIsSeen() {
        var one = open();
        var other = open();
        long version = other.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        letTimePass();
        assertThat(one.find("acme", "sales-hubspot")).isNotNull();
        one.put(SALES, Secret.of("token", "2"), version);
        assertThatThrownBy(() -> other.put(SALES, Secret.of("token", "3"), version))
                .as("seen at once by a change")
                .isInstanceOf(VersionConflictException.class);
    }

    @Test
    void aConnectionThatWasJustAddedIsFoundByAllWhoAskAtOnce() throws Exception {
        var one = open();
        var other = open();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                String name = "new-" + i;
                one.put(
                        new ConnectionRecord("acme", name, "hubspot", "none", Map.of(), Map.of(), Set.of(), Map.of()),
                        Secret.none(),
                        CredentialStore.ABSENT);
                List<Future<@Nullable StoredConnection>> found = IntStream.range(0, 16)
                        .mapToObj(_ -> threads.submit(() -> other.find("acme", name)))
                        .toList();
                for (Future<@Nullable StoredConnection> each : found) {
                    assertThat(each.get()).as(name).isNotNull();
                }
            }
        }
    }

    @Test
    void aVersionIsNeverUsedTwice() {
        var store = open();
        long version = store.put(SALES, Secret.of("token", "1"), CredentialStore.ABSENT);
        store.remove("acme", "sales-hubspot");
        open().put(SALES, Secret.of("token", "2"), CredentialStore.ABSENT);
        assertThatThrownBy(() -> store.put(SALES, Secret.of("token", "3"), version))
                .isInstanceOf(VersionConflictException.class);
    }

    @Test
    void aKeyFromTheEnvironmentNeedsNoKeyFile() {
        String key = Base64.getEncoder().encodeToString(new byte[32]);
        KeySource source = KeySource.from(Map.of("TOOLPOST_CREDENTIALS_KEY", key), keyFile());
        open(source).put(SALES, Secret.of("token", CANARY), CredentialStore.ABSENT);
        assertThat(open(source).find("acme", "sales-hubspot")).isNotNull();
        assertThat(keyFile()).doesNotExist();
        assertThat(KeySource.from(Map.of(), keyFile())).isEqualTo(new KeySource.KeyFile(keyFile()));
    }

    @Test
    void aWrongKeyIsToldFromADamagedFile() throws IOException {
        open().put(SALES, Secret.of("token", CANARY), CredentialStore.ABSENT);
        String wrong = Base64.getEncoder().encodeToString(new byte[32]);
        assertThatThrownBy(() -> open(new KeySource.KeyText("TOOLPOST_CREDENTIALS_KEY", wrong)))
                .isInstanceOf(CredentialsUnavailableException.class)
                .hasMessageContaining("another key than that of TOOLPOST_CREDENTIALS_KEY")
                .hasMessageNotContaining(wrong);

        byte[] good = Files.readAllBytes(file());
        Random random = new Random(11);
        for (int i = 0; i < 200; i++) {
            byte[] damaged = good.clone();
            damaged[16 + random.nextInt(good.length - 16)] ^= (byte) (1 + random.nextInt(255));
            Files.write(file(), random.nextBoolean() ? damaged : cut(good, random));
            assertThatThrownBy(this::open)
                    .isInstanceOf(CredentialsUnavailableException.class)
                    .hasMessageMatching(".*(is damaged|is not a credential store).*Restore it from a backup.*");
        }
        Files.write(file(), good);
        assertThat(open().find("acme", "sales-hubspot")).isNotNull();
    }

    private static byte[] cut(byte[] bytes, Random random) {
        return Arrays.copyOf(bytes, 16 + random.nextInt(bytes.length - 16));
    }

    @Test
    void aMissingKeyFileOfAnExistingStoreIsNotReplaced() throws IOException {
        open().put(SALES, Secret.none(), CredentialStore.ABSENT);
        Files.delete(keyFile());
        assertThatThrownBy(this::open)
                .isInstanceOf(CredentialsUnavailableException.class)
                .hasMessageContaining(keyFile().toString())
                .hasMessageContaining("TOOLPOST_CREDENTIALS_KEY");
        assertThat(keyFile()).doesNotExist();
    }

    @Test
    void filesThatOthersMayReadAreRefused() throws IOException {
        open().put(SALES, Secret.none(), CredentialStore.ABSENT);
        for (Path each : List.of(keyFile(), file())) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rw-r-----"));
            assertThatThrownBy(this::open)
                    .isInstanceOf(CredentialsUnavailableException.class)
                    .hasMessageContaining("rw-r-----")
                    .hasMessageContaining("chmod 600 " + each);
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rw-------"));
        }
        open();
    }

    @Test
    void aKeyThatIsNoneIsRefusedWithoutShowingIt() {
        for (String wrong : List.of("c2hvcnQ=", "not base64 at all!", "x")) {
            assertThatThrownBy(() -> open(new KeySource.KeyText("TOOLPOST_CREDENTIALS_KEY", wrong)))
                    .isInstanceOf(CredentialsUnavailableException.class)
                    .hasMessageContaining("openssl rand -base64 32")
                    .hasMessageNotContaining(wrong + "\"");
        }
        assertThat(file()).doesNotExist();
    }

    @Test
    void aStoreThatVanishesOrBreaksIsUnavailableAndRecovers() throws IOException {
        var store = open();
        store.put(SALES, Secret.of("token", CANARY), CredentialStore.ABSENT);
        byte[] good = Files.readAllBytes(file());

        Files.delete(file());
        letTimePass();
        assertThatThrownBy(() -> store.find("acme", "sales-hubspot"))
                .isInstanceOf(CredentialsUnavailableException.class)
                .hasMessageContaining("vanished");
        assertThatThrownBy(() -> store.put(SALES, Secret.none(), CredentialStore.ANY))
                .isInstanceOf(CredentialsUnavailableException.class);

        Files.write(file(), good);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));
        letTimePass();
        assertThat(store.find("acme", "sales-hubspot")).isNotNull();
    }

    @Test
    void aWriteThatACrashCutShortLeavesTheOldStore() throws IOException {
        open().put(SALES, Secret.of("token", CANARY), CredentialStore.ABSENT);
        Files.write(file().resolveSibling("credentials.new"), new byte[] {1, 2, 3});
        var store = open();
        assertThat(store.find("acme", "sales-hubspot")).isNotNull();
        store.put(SUPPORT, Secret.none(), CredentialStore.ABSENT);
        assertThat(open().list(null)).hasSize(2);
    }

    @Test
    void anInterruptedCallReadsAllTheSame() {
        var store = open();
        open().put(SALES, Secret.of("token", CANARY), CredentialStore.ABSENT);
        letTimePass();
        Thread.currentThread().interrupt();
        try {
            assertThat(store.find("acme", "sales-hubspot")).isNotNull();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void twoProcessesThatChangeTheStoreLoseNothing() throws Exception {
        open();
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        file().toString(),
                        keyFile().toString(),
                        "other")
                .inheritIO()
                .start();
        Writer.main(new String[] {file().toString(), keyFile().toString(), "this"});
        assertThat(other.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(other.exitValue()).isZero();
        assertThat(open().list(null)).hasSize(2 * Writer.CONNECTIONS);
    }

    /** Adds connections to a store, as a process of its own. */
    static final class Writer {
        static final int CONNECTIONS = 25;

        private Writer() {}

        public static void main(String[] arguments) {
            var store = LocalCredentialStore.open(Path.of(arguments[0]), new KeySource.KeyFile(Path.of(arguments[1])));
            for (int i = 0; i < CONNECTIONS; i++) {
                store.put(
                        ConnectionRecord.of(arguments[2], "connection-" + i, "hubspot", "bearer"),
                        Secret.of("token", "t" + i),
                        CredentialStore.ABSENT);
            }
        }
    }

    @Test
    void whereAGrantStandsSurvivesAndIsSeenByAnotherProcessAtOnce() {
        LocalCredentialStore one = open();
        LocalCredentialStore other = open();
        GrantState state = new GrantState(
                new RefreshIntent("worker-1", "abcd", 1, 2, false), new DeadGrant("ef", 3, "invalid_grant", "gone"), 4);
        long version = one.put(SALES, Secret.of("token", CANARY), state, CredentialStore.ABSENT);
        StoredConnection put = new StoredConnection(SALES, Secret.of("token", CANARY), state, version);
        assertThat(other.findNow("acme", "sales-hubspot")).isEqualTo(put);
        assertThat(open().find("acme", "sales-hubspot")).isEqualTo(put);
        long next = one.put(SALES, Secret.of("token", CANARY), state.withIntent(null), version);
        assertThat(other.findNow("acme", "sales-hubspot").version())
                .as("no time has passed")
                .isEqualTo(next);
    }
}
