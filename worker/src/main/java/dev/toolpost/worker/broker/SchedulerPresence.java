package dev.toolpost.worker.broker;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a scheduler is at work, by the members of its consumer group. Asked of the broker now and then and never waited for: what
 * it said last counts. A scheduler that has just gone loses nothing: what is sent to {@code toolpost.later} waits there for
 * the next. Thread-safe.
 */
public final class SchedulerPresence implements BooleanSupplier {

    private static final Logger log = LoggerFactory.getLogger(SchedulerPresence.class);
    private static final Duration ASKED_EVERY = Duration.ofSeconds(10);

    private final Admin admin;
    private final String group;
    private final LongSupplier nanoTime;
    private final AtomicLong askedAtNanos;
    private volatile boolean isThere;

    /** Asks for the first time. */
    public SchedulerPresence(Admin admin, String group, LongSupplier nanoTime) {
        this.admin = admin;
        this.group = group;
        this.nanoTime = nanoTime;
        this.askedAtNanos = new AtomicLong(nanoTime.getAsLong());
        ask();
    }

    @Override
    public boolean getAsBoolean() {
        long now = nanoTime.getAsLong();
        long asked = askedAtNanos.get();
        if (now - asked >= ASKED_EVERY.toNanos() && askedAtNanos.compareAndSet(asked, now)) {
            ask();
        }
        return isThere;
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    private void ask() {
        Objects.requireNonNull(admin.describeConsumerGroups(List.of(group)).all(), "an answer to come")
                .whenComplete((found, failed) -> {
                    if (failed == null) {
                        isThere = found.values().stream()
                                .anyMatch(one -> !one.members().isEmpty());
                    } else if (failed instanceof GroupIdNotFoundException) {
                        isThere = false;
                    } else {
                        log.debug("The group of the schedulers cannot be described now: {}", failed.toString());
                    }
                });
    }
}
