package dev.toolpost.scheduler.deferral;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the brokers for topics, and believes the answer for a while: for longer that a topic is there than that it is not. A record sent to a
 * topic that is not there would hold up its whole stream thread, and one that is too large for it would fail that. Thread-safe.
 */
public final class AdminTargets implements Targets {

    private static final Logger LOG = LoggerFactory.getLogger(AdminTargets.class);
    private static final long THERE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long MISSING_NANOS = Duration.ofSeconds(5).toNanos();

    /** How long nobody is asked after an answer did not come: whoever asks is a stream thread that has other work. */
    private static final long SILENCE_NANOS = Duration.ofSeconds(1).toNanos();

    /** Names come from those who submit jobs, too. */
    private static final int MOST_KNOWN = 1_000;

    /** What Kafka takes as the name of a topic, but for names of dots only. */
    private static final Pattern NAME = Pattern.compile("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}");

    private record Known(TopicLookup.Found found, long nanos) {}

    private final TopicLookup lookup;
    private final LongSupplier nanoTime;
    private final Map<String, Known> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
            return size() > MOST_KNOWN;
        }
    };

    private @Nullable Long silentSince;

    public AdminTargets(Admin admin, LongSupplier nanoTime) {
        this(new AdminTopicLookup(admin), nanoTime);
    }

    AdminTargets(TopicLookup lookup, LongSupplier nanoTime) {
        this.lookup = lookup;
        this.nanoTime = nanoTime;
    }

    @Override
    public Standing of(String topic, int partition) {
        if (!NAME.matcher(topic).matches()) {
            return Standing.MISSING;
        }
        long now = nanoTime.getAsLong();
        Known answer = remembered(topic);
        if (answer == null
                || now - answer.nanos > (answer.found.partitions() > partition ? THERE_NANOS : MISSING_NANOS)) {
            Known asked = ask(topic, now);
            if (asked == null) {
                return answer != null && answer.found.partitions() > partition ? Standing.THERE : Standing.UNKNOWN;
            }
            answer = asked;
        }
        return answer.found.partitions() > partition ? Standing.THERE : Standing.MISSING;
    }

    @Override
    public long mostBytes(String topic) {
        Known answer = remembered(topic);
        return answer == null ? TopicLookup.UNBOUNDED : answer.found.mostBytes();
    }

    /** How large a record may be of any topic, asked for where that is not known; may block for a short bounded time. */
    public long bound(String topic) {
        return of(topic, 0) == Standing.THERE ? mostBytes(topic) : TopicLookup.UNBOUNDED;
    }

    /** Asks anew for each from now on: something happened that what is remembered does not explain. */
    public void forget() {
        synchronized (known) {
            known.clear();
        }
    }

    private @Nullable Known remembered(String topic) {
        synchronized (known) {
            return known.get(topic);
        }
    }

    private @Nullable Known ask(String topic, long now) {
        synchronized (known) {
            Long since = silentSince;
            if (since != null && now - since < SILENCE_NANOS) {
                return null;
            }
        }
        try {
            Known asked = new Known(lookup.find(topic), now);
            synchronized (known) {
                silentSince = null;
                known.put(topic, asked);
            }
            return asked;
        } catch (TopicLookup.NoAnswerException e) {
            synchronized (known) {
                silentSince = nanoTime.getAsLong();
            }
            LOG.warn("Cannot find out whether {} is there; what is deferred to it waits", topic, e);
            return null;
        }
    }
}
