package dev.toolpost.worker.ratelimit.shared;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import io.github.bucket4j.distributed.proxy.RetryDecision;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection to one run of a Redis server. It is never mended: a lost one is followed by another, which may meet a server that
 * remembers nothing. Thread-safe.
 */
final class RedisSession {

    /** How long a bucket stays after it is full again. */
    private static final Duration KEEP_FULL = Duration.ofMinutes(1);

    private static final SharedWindow ANY_WINDOW = new SharedWindow(1, Duration.ofMillis(1), Duration.ZERO);

    private final StatefulRedisConnection<String, byte[]> connection;
    private final ServerFacts facts;
    private final LongSupplier nanoTime;
    private final long openedAt;
    private final ServerClock clock;
    private final AsyncProxyManager<String> buckets;

    private RedisSession(
            StatefulRedisConnection<String, byte[]> connection,
            ServerFacts facts,
            Duration timeout,
            LongSupplier nanoTime) {
        this.connection = connection;
        this.facts = facts;
        this.nanoTime = nanoTime;
        this.openedAt = nanoTime.getAsLong();
        this.clock = new ServerClock(nanoTime);
        this.buckets = Bucket4jLettuce.casBasedBuilder(connection)
                .clientClock(clock)
                .expirationAfterWrite(ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(KEEP_FULL))
                .retryStrategy(tried -> tried.getElapsedTimeNanos() > timeout.toNanos() * 2 / 5
                        ? RetryDecision.stop()
                        : RetryDecision.retryAfter(Duration.ofNanos(
                                ThreadLocalRandom.current().nextLong(200_000, 2_000_000L * tried.getAttemptNumber()))))
                .build()
                .asAsync();
    }

    /**
     * Opens one: connected, known who answers and what time it is there, and writable.
     *
     * @param bound for all of that
     * @throws RuntimeException where the settings lead nowhere, such as to a password file that cannot be read
     */
    static CompletableFuture<RedisSession> open(
            RedisClient client, RedisSettings settings, Duration bound, LongSupplier nanoTime) {
        CompletableFuture<StatefulRedisConnection<String, byte[]>> connecting = client.connectAsync(
                        RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE), uri(settings, bound))
                .toCompletableFuture();
        CompletableFuture<RedisSession> opened = connecting
                .thenCompose(connection -> greet(connection, settings, nanoTime))
                .orTimeout(bound.toMillis(), TimeUnit.MILLISECONDS);
        var _ = opened.whenComplete((session, failure) -> {
            if (failure != null) {
                var _ = connecting.thenCompose(StatefulRedisConnection::closeAsync);
            }
        });
        return opened;
    }

    private static RedisURI uri(RedisSettings settings, Duration bound) {
        RedisURI.Builder uri = RedisURI.Builder.redis(settings.url().getHost(), settings.port())
                .withSsl(settings.tls())
                .withDatabase(settings.database())
                .withTimeout(bound)
                .withClientName("toolpost");
        String password = password(settings);
        if (password != null) {
            if (settings.username() == null) {
                uri.withPassword(password.toCharArray());
            } else {
                uri.withAuthentication(settings.username(), password.toCharArray());
            }
        }
        return uri.build();
    }

    private static @Nullable String password(RedisSettings settings) {
        if (settings.passwordFile() == null) {
            return settings.password();
        }
        try {
            return Files.readString(settings.passwordFile()).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "limits.redis.password_file " + settings.passwordFile() + " cannot be read", e);
        }
    }

    private static CompletableFuture<RedisSession> greet(
            StatefulRedisConnection<String, byte[]> connection, RedisSettings settings, LongSupplier nanoTime) {
        return connection
                .async()
                .info()
                .toCompletableFuture()
                .thenApply(info -> new RedisSession(connection, ServerFacts.parse(info), settings.timeout(), nanoTime))
                .thenCompose(session -> session.readClock()
                        .thenCompose(_ -> session.tryOut(settings.prefix() + "limits:greeting:" + session.run()))
                        .thenApply(_ -> session));
    }

    /** A bucket and a window that mean nothing: whether this server may be written to, and scripts run on it. The first round finds everything loaded. */
    private CompletableFuture<?> tryOut(String key) {
        BucketConfiguration anyBucket = BucketConfiguration.builder()
                .addLimit(limit -> limit.capacity(1).refillGreedy(1, Duration.ofMillis(1)))
                .build();
        AsyncBucketProxy bucket = buckets.builder().build(key, () -> CompletableFuture.completedFuture(anyBucket));
        WindowBook any = new WindowBook(ANY_WINDOW, "greeting", ANY_WINDOW.window());
        return bucket.tryConsumeAndReturnRemaining(1)
                .thenCompose(_ -> bucket.tryConsumeAsMuchAsPossible(1))
                .thenCompose(_ -> run(
                        Script.STRICT_WINDOW,
                        key + ":window",
                        any.ask(List.of(), Duration.ZERO, nanoTime.getAsLong()).arguments()));
    }

    /**
     * Runs a script on the value of one key.
     *
     * @param arguments each a word without bytes beyond ASCII
     * @return the numbers of its answer
     */
    CompletableFuture<List<Long>> run(Script script, String key, List<String> arguments) {
        String[] keys = {key};
        byte[][] words = arguments.stream()
                .map(each -> each.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
        return connection
                .async()
                .<List<Long>>evalsha(script.digest(), ScriptOutputType.MULTI, keys, words)
                .toCompletableFuture()
                .exceptionallyCompose(failure -> failure instanceof RedisNoScriptException
                        ? connection
                                .async()
                                .<List<Long>>eval(script.text(), ScriptOutputType.MULTI, keys, words)
                                .toCompletableFuture()
                        : CompletableFuture.failedFuture(failure));
    }

    /** Runs when the connection is gone, once and on any thread; at once where it is already. */
    void whenLost(Runnable action) {
        CompletableFuture<Void> lost = new CompletableFuture<>();
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
                lost.complete(null);
            }
        });
        if (!connection.isOpen()) {
            lost.complete(null);
        }
        var _ = lost.thenRun(action);
    }

    /** Compares the clocks. */
    CompletableFuture<Void> readClock() {
        return connection.async().time().toCompletableFuture().thenAccept(parts -> clock.read(nanos(parts)));
    }

    private static long nanos(List<byte[]> parts) {
        long seconds = Long.parseLong(new String(parts.get(0), StandardCharsets.US_ASCII));
        long micros = Long.parseLong(new String(parts.get(1), StandardCharsets.US_ASCII));
        return seconds * 1_000_000_000 + micros * 1_000;
    }

    /** Changes with every start of the server. */
    String run() {
        return facts.run();
    }

    /** For how long the server has known everything that was written to it. */
    Duration memory() {
        return facts.memory().plusNanos(nanoTime.getAsLong() - openedAt);
    }

    ServerClock clock() {
        return clock;
    }

    AsyncProxyManager<String> buckets() {
        return buckets;
    }

    void close() {
        if (connection.isOpen()) {
            var _ = connection.closeAsync();
        }
    }
}
