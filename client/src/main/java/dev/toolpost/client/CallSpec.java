package dev.toolpost.client;

import dev.toolpost.message.Paging;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.Ids;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an agent wants done: a tool, a connection and everything else by default. Immutable. */
public final class CallSpec {
    private static final String MODE_ALL = "all";

    private final Builder values;

    private CallSpec(Builder values) {
        this.values = values;
    }

    /** The simplest call: a tool on a connection, arguments as a JSON object. */
    public static CallSpec of(String tool, String connection, String arguments) {
        return builder(tool, connection).arguments(arguments).build();
    }

    public static Builder builder(String tool, String connection) {
        return new Builder(tool, connection);
    }

    public String tool() {
        return values.tool;
    }

    public String connection() {
        return values.connection;
    }

    /** The arguments as JSON text. */
    public String arguments() {
        return values.arguments;
    }

    /** The customer; null means the client's own. */
    public @Nullable String tenant() {
        return values.tenant;
    }

    /** The call's id; null lets the client make one. */
    public @Nullable String callId() {
        return values.callId;
    }

    public @Nullable String idempotencyKey() {
        return values.idempotencyKey;
    }

    /** How long the call may take, from the broker's append time; null means the client's default. */
    public @Nullable Duration timeout() {
        return values.timeout;
    }

    /** The format of call and reply; null means the client's default. */
    public @Nullable Format format() {
        return values.format;
    }

    public @Nullable Paging paging() {
        return values.paging == null ? null : Paging.newBuilder(values.paging).build();
    }

    public @Nullable String view() {
        return values.view;
    }

    public @Nullable String select() {
        return values.select;
    }

    public boolean dryRun() {
        return values.dryRun;
    }

    /** Where to publish the call; null asks the client's resolver. */
    public @Nullable String topic() {
        return values.topic;
    }

    /** Headers of the record; names that start with {@code reply-} come back on the frames. */
    public Map<String, String> headers() {
        return Map.copyOf(values.headers);
    }

    /** Collects the parts of a call. Not thread-safe. */
    public static final class Builder {
        private final String tool;
        private final String connection;
        private String arguments = "{}";
        private @Nullable String tenant;
        private @Nullable String callId;
        private @Nullable String idempotencyKey;
        private @Nullable Duration timeout;
        private @Nullable Format format;
        private @Nullable Paging paging;
        private @Nullable String view;
        private @Nullable String select;
        private boolean dryRun;
        private @Nullable String topic;
        private Map<String, String> headers = new LinkedHashMap<>();

        private Builder(String tool, String connection) {
            this.tool = tool;
            this.connection = connection;
        }

        /** The arguments: a JSON object, embedded as it is, so numbers keep their digits. */
        public Builder arguments(String json) {
            this.arguments = json;
            return this;
        }

        public Builder tenant(String tenant) {
            this.tenant = tenant;
            return this;
        }

        /**
         * The call's id, for a caller that wants to choose it.
         *
         * @throws IllegalArgumentException unless it is 1 to 200 printable ASCII characters without space
         */
        public Builder callId(String callId) {
            if (!Ids.isCallId(callId)) {
                throw new IllegalArgumentException("call id: \"" + callId + "\" (expected: 1 to "
                        + Ids.MAX_CALL_ID_LENGTH + " printable ASCII characters without space)");
            }
            this.callId = callId;
            return this;
        }

        public Builder idempotencyKey(String key) {
            this.idempotencyKey = key;
            return this;
        }

        /**
         * How long the call may take, from the broker's append time.
         *
         * @throws IllegalArgumentException unless it is above zero and at most 7 days
         */
        public Builder timeout(Duration timeout) {
            if (timeout.toMillis() <= 0 || timeout.compareTo(Duration.ofDays(7)) > 0) {
                throw new IllegalArgumentException("timeout: " + timeout + " (expected: 1 ms to 7 days)");
            }
            this.timeout = timeout;
            return this;
        }

        public Builder format(Format format) {
            this.format = format;
            return this;
        }

        public Builder paging(Paging paging) {
            this.paging = Paging.newBuilder(paging).build();
            return this;
        }

        /** Begin at a cursor that an earlier reply carried, exactly as it came. */
        public Builder cursor(String cursor) {
            ownPaging().setCursor(cursor);
            return this;
        }

        /**
         * Every page, one frame or more for each, instead of one page. Such an answer is best read by
         * {@link ToolpostClient#stream}.
         */
        public Builder all() {
            ownPaging().setMode(MODE_ALL);
            return this;
        }

        /**
         * All pages up to this many records; the answer's {@code next_cursor} then says where to go on.
         *
         * @throws IllegalArgumentException unless it is above zero
         */
        public Builder maxRecords(long records) {
            if (records < 1) {
                throw new IllegalArgumentException("max records: " + records + " (expected: >= 1)");
            }
            all().ownPaging().setMaxRecords(records);
            return this;
        }

        /**
         * As many pages at most; the answer's {@code next_cursor} then says where to go on.
         *
         * @throws IllegalArgumentException unless it is above zero
         */
        public Builder maxPages(int pages) {
            if (pages < 1) {
                throw new IllegalArgumentException("max pages: " + pages + " (expected: >= 1)");
            }
            all().ownPaging().setMaxPages(pages);
            return this;
        }

        private Paging ownPaging() {
            Paging own = paging;
            if (own == null) {
                own = Paging.newBuilder().build();
                paging = own;
            }
            return own;
        }

        /** The shape of the result: {@code native}, the vendor's own, or {@code unified}, the common model. */
        public Builder view(String view) {
            this.view = view;
            return this;
        }

        public Builder select(String expression) {
            this.select = expression;
            return this;
        }

        /** Ask for the request that would be sent, and send nothing. */
        public Builder dryRun(boolean dryRun) {
            this.dryRun = dryRun;
            return this;
        }

        /** Publish to this topic, whatever the client's resolver says. */
        public Builder topic(String topic) {
            this.topic = topic;
            return this;
        }

        /** A header of the record, for example {@link HeaderNames#TRACEPARENT} or one that starts with {@code reply-}. */
        public Builder header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        public CallSpec build() {
            Builder copy = new Builder(tool, connection);
            copy.arguments = arguments;
            copy.tenant = tenant;
            copy.callId = callId;
            copy.idempotencyKey = idempotencyKey;
            copy.timeout = timeout;
            copy.format = format;
            copy.paging = paging == null ? null : Paging.newBuilder(paging).build();
            copy.view = view;
            copy.select = select;
            copy.dryRun = dryRun;
            copy.topic = topic;
            copy.headers = new LinkedHashMap<>(headers);
            return new CallSpec(copy);
        }
    }
}
