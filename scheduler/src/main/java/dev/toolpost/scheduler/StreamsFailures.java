package dev.toolpost.scheduler;

import dev.toolpost.schemas.RegistryUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
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
    private static final long SHORTEST_PAUSE_NANOS = Duration.ofSeconds(2).toNanos();
    /** Far below {@code max.poll.interval.ms}, within which the group expects the thread that comes in its place. */
    static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(16).toNanos();

    /** A registry that was not missed for so long behind a pause is there again. */
    private static final long CALM_NANOS = Duration.ofSeconds(20).toNanos();

    private static final int MOST = 20;
    private static final long WITHIN_NANOS = Duration.ofMinutes(10).toNanos();

    private final LongSupplier nanoTime;
    private final LongConsumer pause;
    private final Deque<Long> recent = new ArrayDeque<>();
    private volatile @Nullable Throwable lasting;
    private volatile @Nullable Wait wait;

    /** For the registry: until when at least, and how long it paused for it last. */
    private record Wait(String reason, long untilNanos, long pauseNanos) {}

    /** @param pause waits so many nanoseconds before what needs another service is tried again */
    StreamsFailures(LongSupplier nanoTime, LongConsumer pause) {
        this.nanoTime = nanoTime;
        this.pause = pause;
    }

    /** Why the streams stopped by themselves, or null. */
    @Nullable
    Throwable lasting() {
        return lasting;
    }

    @Override
    public StreamThreadExceptionResponse handle(Throwable failure) {
        if (isRegistryAway(failure)) {
            pause.accept(waitForRegistry(root(failure)));
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        return weigh(failure);
    }

    /** How long; from the first time on that is longer each time, and the log is told of the first. */
    private synchronized long waitForRegistry(String reason) {
        long now = nanoTime.getAsLong();
        Wait before = wait;
        boolean first = before == null || now - before.untilNanos > 0;
        long length =
                first || before == null ? SHORTEST_PAUSE_NANOS : Math.min(2 * before.pauseNanos, LONGEST_PAUSE_NANOS);
        wait = new Wait(reason, now + length + CALM_NANOS, length);
        if (first) {
            LOG.warn(
                    "A stream thread waits for the schema registry, and with it all that it does; what it read is read again,"
                            + " after {} s at most. Bring the registry back: {}",
                    Duration.ofNanos(LONGEST_PAUSE_NANOS).toSeconds(),
                    reason);
        } else {
            LOG.debug("A stream thread waits still for the schema registry: {}", reason);
        }
        return length;
    }

    /** What a stream thread waits for, or waited for a moment ago; null for nothing. */
    @Nullable
    String waiting() {
        Wait last = wait;
        return last == null || nanoTime.getAsLong() - last.untilNanos > 0
                ? null
                : "the schema registry, for a schema that is not known here: " + last.reason;
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
                    "The scheduler stops: its threads failed {} times within {} minutes, the last time with {}.{}",
                    recent.size(),
                    Duration.ofNanos(WITHIN_NANOS).toMinutes(),
                    root(failure),
                    rootCause(failure) instanceof RecordTooLargeException
                            ? " Raise max.message.bytes of the topic that is named, or max.request.size of the producer."
                            : "",
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
        return rootCause(failure).toString();
    }

    private static Throwable rootCause(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
