package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Connector;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.KeySource;
import dev.toolpost.worker.credentials.LocalCredentialStore;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorHttpSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A process that asks for one connection's token from many threads at once, over and over while tokens end, for tests that
 * run two of them over one store. Prints how many tokens it was given.
 */
public final class RefreshHammer {

    private RefreshHammer() {}

    /** Arguments: directory of the store, name of the process, seconds; begins when the file {@code begin} is there. */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        LocalCredentialStore store = LocalCredentialStore.open(
                directory.resolve("credentials"), new KeySource.KeyFile(directory.resolve("key")));
        Connector connector = OAuthVendor.connector();
        AtomicInteger given = new AtomicInteger();
        AtomicReference<String> wrong = new AtomicReference<>();
        try (VendorHttp http = new VendorHttp(
                        VendorHttpSettings.DEFAULTS.withAddresses(AddressPolicy.allowing(List.of("127.0.0.1"))));
                AccessTokens tokens = new AccessTokens(
                        args[1],
                        store,
                        http,
                        new Silent(),
                        RefreshBounds.STANDARD,
                        InstantSource.system(),
                        System::nanoTime,
                        new Random())) {
            System.out.println("ready");
            while (!Files.exists(directory.resolve("begin"))) {
                Thread.sleep(1);
            }
            long until = System.nanoTime()
                    + Duration.ofSeconds(Long.parseLong(args[2])).toNanos();
            List<Thread> threads = java.util.stream.IntStream.range(0, 50)
                    .mapToObj(i -> Thread.ofVirtual().start(() -> {
                        try {
                            while (System.nanoTime() - until < 0 && wrong.get() == null) {
                                StoredConnection known = store.find("acme", "books");
                                Access access = tokens.current(
                                        known,
                                        connector,
                                        OAuthVendor.auth(connector),
                                        () -> true,
                                        System.nanoTime()
                                                + Duration.ofSeconds(60).toNanos());
                                if (access instanceof Access.Usable) {
                                    given.incrementAndGet();
                                } else {
                                    wrong.compareAndSet(null, access.toString());
                                }
                                Thread.sleep(1);
                            }
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }))
                    .toList();
            for (Thread thread : threads) {
                thread.join();
            }
            System.out.println(
                    wrong.get() == null
                            ? "given " + given + " requests " + tokens.counts().requests()
                            : "wrong " + wrong.get());
        }
    }

    private static final class Silent implements GrantEvents {
        @Override
        public void refreshed(ConnectionRecord connection) {}

        @Override
        public void reauthorizationRequired(ConnectionRecord connection, String message) {}
    }
}
