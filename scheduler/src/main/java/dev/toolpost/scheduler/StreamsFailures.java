package dev.toolpost.scheduler;

import dev.toolpost.schemas.RegistryUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.apache.kafka.streams.errors.TopologyException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of a stream thread that fell over: what will be the same next time stops the process with its reason, everything else gets
 * a new thread, which goes on from the last transaction. Threads that fall again and again stop the process too. Thread-safe.
 */
final class StreamsFailures implements StreamsUncaughtExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(StreamsFailures.class);
    private static final long PAUSE_NANOS = Duration.ofSeconds(2).toNanos();
    private static final int MOST = 20;
    private static final long WITHIN_NANOS = Duration.ofMinutes(10).toNanos();

    private final LongSupplier nanoTime;
    private final Runnable pause;
    private final Deque<Long> recent = new ArrayDeque<>();
    private volatile @Nullable Throwable lasting;

    /** @param pause before what waits for another service is tried again */
    StreamsFailures(LongSupplier nanoTime, Runnable pause) {
        this.nanoTime = nanoTime;
        this.pause = pause;
    }

    /** What to wait with outside of tests. */
    static void pause() {
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    /** Why the streams stopped by themselves, or null. */
    @Nullable
    Throwable lasting() {
        return lasting;
    }

    @Override
    public StreamThreadExceptionResponse handle(Throwable failure) {
        if (isRegistryAway(failure)) {
            LOG.warn("What a stream thread read waits for the schema registry, and is read again: {}", root(failure));
            pause.run();
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        return weigh(failure);
    }

    /** Where a schema must be asked for, only the registry can end that; it says nothing about the threads. */
    private static boolean isRegistryAway(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RegistryUnavailableException) {
                return true;
            }
        }
        return false;
    }

    private synchronized StreamThreadExceptionResponse weigh(Throwable failure) {
        String remedy = remedy(failure);
        if (remedy != null) {
            LOG.error("The scheduler stops: {}. {}", root(failure), remedy, failure);
            lasting = failure;
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        long now = nanoTime.getAsLong();
        recent.add(now);
        while (now - recent.element() > WITHIN_NANOS) {
            recent.remove();
        }
        if (recent.size() > MOST) {
            LOG.error(
                    "The scheduler stops: its threads failed {} times within {} minutes, the last time with {}",
                    recent.size(),
                    Duration.ofNanos(WITHIN_NANOS).toMinutes(),
                    root(failure),
                    failure);
            lasting = failure;
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        LOG.warn("A stream thread failed and is replaced; nothing is lost, its transaction is aborted", failure);
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    /** What to do about a failure that comes again whatever is tried; null for one that may pass. */
    private static @Nullable String remedy(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String remedy = switch (cause) {
                case AuthorizationException e ->
                    "Grant the scheduler's principal what docs/scheduler.md lists under \"Access\".";
                case AuthenticationException e -> "Mend the credentials under kafka.*.";
                case MissingSourceTopicException e -> "Create the topics: toolpost topics create.";
                case TopologyException e -> "The state of another version is in the way: see \"Upgrades\".";
                case ConfigException e -> "Mend the setting.";
                case UnsupportedVersionException e -> "The brokers are too old: 3.0 or newer is needed.";
                case InvalidConfigurationException e -> "Mend the setting.";
                default -> null;
            };
            if (remedy != null) {
                return remedy;
            }
            if (cause instanceof ApiException && cause.getCause() == null) {
                return null;
            }
        }
        return null;
    }

    static String root(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.toString();
    }
}
