package dev.toolpost.worker.ratelimit.shared;

import dev.toolpost.connectors.Limit;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limits that this process shares with other workers through one Redis or Valkey server: one connection, one thread that decides. Thread-safe.
 *
 * <p>A server that is silent or broken costs nothing: after {@value #FAILURES_TO_LOSE} failures in a row, or with a lost connection, everything that is
 * asked is unreachable at once, while connections are tried in the background.
 */
public final class SharedLimits implements AutoCloseable {

    static {
        UnloggedCommands.begin();
    }

    /** Told when the server is lost and when it is back; the first connection is a coming back. Called on a thread that must not be blocked. */
    public interface Listener {

        /** Permits are out of reach from here on.
         *
         * @param why for people
         */
        void onLost(String why);

        /** Permits are within reach again. */
        void onBack();
    }

    /** @param derived from the definition */
    private record Known(Record derived, RedisPermits permits) {}

    static final int FAILURES_TO_LOSE = 3;

    private static final Logger LOG = LoggerFactory.getLogger(SharedLimits.class);
    private static final Duration LEAST_CONNECT_BOUND = Duration.ofSeconds(2);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final RedisSettings settings;
    private final Listener listener;
    private final InstantSource wallClock;
    private final LongSupplier nanoTime;
    private final DefaultClientResources resources;
    private final RedisClient client;
    private final ScheduledThreadPoolExecutor thread;
    private final CountDownLatch metServer = new CountDownLatch(1);
    private final Map<String, Known> permits = new HashMap<>(); // guarded by itself

    /** Begins the names of this process at the server. */
    private final String process = Long.toString(ThreadLocalRandom.current().nextLong() >>> 1, Character.MAX_RADIX);

    private final AtomicLong windows = new AtomicLong();

    private volatile @Nullable RedisSession session;

    // What only the thread touches.
    private String whyDown = "no connection yet";
    private boolean toldLost;
    private boolean closed;
    private int failures;
    private Duration pause = FIRST_PAUSE;

    /** Begins to connect at once, in the background. */
    public SharedLimits(RedisSettings settings, Listener listener) {
        this(settings, listener, InstantSource.system(), System::nanoTime);
    }

    SharedLimits(RedisSettings settings, Listener listener, InstantSource wallClock, LongSupplier nanoTime) {
        this.settings = settings;
        this.listener = listener;
        this.wallClock = wallClock;
        this.nanoTime = nanoTime;
        this.resources = DefaultClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .build();
        this.client = RedisClient.create(resources);
        client.setOptions(options());
        thread = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("toolpost-shared-limits").daemon().factory());
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        onThread(this::connect);
    }

    /** Nothing queues while there is no connection, and no command outlives the bound of an answer. */
    private ClientOptions options() {
        ClientOptions.Builder options = ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(connectBound())
                        .keepAlive(true)
                        .tcpNoDelay(true)
                        .build())
                .timeoutOptions(TimeoutOptions.enabled(connectBound()));
        if (settings.caFile() != null) {
            options.sslOptions(SslOptions.builder()
                    .jdkSslProvider()
                    .trustManager(settings.caFile().toFile())
                    .build());
        }
        return options.build();
    }

    private Duration connectBound() {
        return settings.timeout().compareTo(LEAST_CONNECT_BOUND) > 0 ? settings.timeout() : LEAST_CONNECT_BOUND;
    }

    /**
     * The shared permits of a limit: the same for the same definition. A changed definition takes the place of the one before at the server, where what
     * was granted counts on; the workers that know only the old one go by the new.
     *
     * @param vendor whose limit it is; names the key, together with the limit's name
     * @throws IllegalArgumentException where {@link SharedLimit#supports} says no
     */
    public SharedPermits permits(String vendor, Limit limit) {
        Record derived = SharedWindow.supports(limit)
                ? SharedWindow.of(limit, settings.grantToArrival())
                : SharedLimit.of(limit, settings.grantToArrival(), settings.burst());
        String name = vendor + ":" + limit.name();
        synchronized (permits) {
            Known known = permits.get(name);
            if (known == null || !known.derived.equals(derived)) {
                known = new Known(
                        derived,
                        new RedisPermits(this, name, keeping(name, limit), settings.timeout(), settings.jitter()));
                permits.put(name, known);
            }
            return known.permits;
        }
    }

    private Keeping keeping(String name, Limit limit) {
        String key = settings.prefix() + "limits:" + name;
        if (SharedWindow.supports(limit)) {
            // Grants by the definition before are still told of: those by this one are others.
            String worker = process + "." + windows.incrementAndGet();
            return new WindowKeeping(
                    this, key, SharedWindow.of(limit, settings.grantToArrival()), worker, settings.timeout());
        }
        return new BucketKeeping(
                this,
                key,
                SharedLimit.of(limit, settings.grantToArrival(), settings.burst()),
                allowed -> SharedLimit.of(limit.with(allowed, null), settings.grantToArrival(), settings.burst()),
                wallClock.millis(),
                settings.timeout());
    }

    /** Whether permits are within reach, as far as is known. */
    public boolean isUp() {
        return session != null;
    }

    /** Waits for the first connection.
     *
     * @return whether there has been one
     */
    public boolean awaitFirst(Duration atMost) throws InterruptedException {
        return metServer.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** What is asked from here on is unreachable. */
    @Override
    public void close() {
        List<Known> open;
        synchronized (permits) {
            open = List.copyOf(permits.values());
        }
        try {
            CompletableFuture.runAsync(
                            () -> {
                                closed = true;
                                session = null;
                                open.forEach(each -> each.permits.close());
                            },
                            thread)
                    .get(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
            LOG.debug("closing shared limits", e);
        }
        thread.shutdown();
        var _ = client.shutdownAsync(0, 1, TimeUnit.SECONDS).whenComplete((_, _) -> {
            var _ = resources.shutdown(0, 1, TimeUnit.SECONDS);
        });
    }

    // ---- for the permits ----

    @Nullable
    RedisSession session() {
        return session;
    }

    /** The thread on which everything is decided. */
    Executor thread() {
        return action -> thread.execute(told(action));
    }

    ScheduledFuture<?> later(Runnable action, Duration delay) {
        return thread.schedule(told(action), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    InstantSource wallClock() {
        return wallClock;
    }

    /** On the thread: why there is no session. */
    String whyDown() {
        return settings.address() + ": " + whyDown;
    }

    /** On the thread: an answer came. */
    void worked(RedisSession which) {
        if (which == session) {
            failures = 0;
        }
    }

    /** On the thread: no answer, or a wrong one. */
    void failed(RedisSession which, String why) {
        if (which == session && ++failures >= FAILURES_TO_LOSE) {
            lose(which, why);
        }
    }

    // ---- connecting, on the thread ----

    private void connect() {
        CompletableFuture<RedisSession> opening;
        try {
            opening = RedisSession.open(client, settings, connectBound(), nanoTime);
        } catch (RuntimeException e) {
            down(reason(e));
            return;
        }
        var _ = opening.whenCompleteAsync(
                (opened, failure) -> {
                    if (failure == null) {
                        begin(opened);
                    } else {
                        down(reason(failure));
                    }
                },
                this::onThread);
    }

    private void begin(RedisSession opened) {
        if (closed) {
            opened.close();
            return;
        }
        session = opened;
        failures = 0;
        pause = FIRST_PAUSE;
        toldLost = false;
        LOG.info("shared limits are kept by {} (run {})", settings.address(), opened.run());
        opened.whenLost(() -> onThread(() -> lose(opened, "the connection is gone")));
        metServer.countDown();
        listener.onBack();
    }

    private void lose(RedisSession which, String why) {
        if (which != session) {
            return;
        }
        session = null;
        which.close();
        down(why);
    }

    private void down(String why) {
        if (closed) {
            return;
        }
        whyDown = why;
        if (!toldLost) {
            toldLost = true;
            LOG.warn("shared limits are out of reach: {}", whyDown());
            listener.onLost(whyDown());
        }
        long nanos = pause.toNanos();
        var _ = later(
                this::connect, Duration.ofNanos(ThreadLocalRandom.current().nextLong(nanos / 2, nanos)));
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
    }

    private void onThread(Runnable action) {
        try {
            thread().execute(action);
        } catch (RejectedExecutionException closed) {
            LOG.debug("an event after the end of shared limits");
        }
    }

    /** What an executor would keep to itself is told. */
    private static Runnable told(Runnable action) {
        return () -> {
            try {
                action.run();
            } catch (RuntimeException bug) {
                LOG.error("shared limits: something was not done", bug);
            }
        };
    }

    static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        Throwable root = cause.getCause();
        String text = message == null ? cause.getClass().getSimpleName() : message;
        return withoutEcho(root == null || root.getMessage() == null ? text : text + " (" + root.getMessage() + ")");
    }

    /** Servers say back the arguments of commands that they do not know, and AUTH may be one. */
    private static String withoutEcho(String text) {
        return text.replaceFirst("(?is),? with args beginning with.*", " (what it was asked is left out)");
    }
}
