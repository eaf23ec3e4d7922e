package dev.toolpost.worker.limitnews;

import dev.toolpost.message.LimitEvent;
import dev.toolpost.worker.ratelimit.LimitNews;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** News of limits as records of {@code limit-events}, and back. */
final class LimitEvents {

    private static final String ALLOWED = "allowed";
    private static final String PAUSED = "paused";
    private static final Pattern VENDOR = Pattern.compile("[a-z0-9_]{1,64}");
    private static final int LONGEST_NAME = 100;

    /** Longer than any window, and than the pause that any vendor asks for. */
    private static final Duration LONGEST = Duration.ofDays(31);

    private LimitEvents() {}

    static LimitEvent event(LimitNews news, long atMillis, String worker) {
        LimitEvent.Builder event = LimitEvent.newBuilder()
                .setVendor(news.vendor())
                .setLimit(news.limit())
                .setAt(atMillis)
                .setWorker(worker);
        return switch (news) {
            case LimitNews.Allowed allowed ->
                event.setKind(ALLOWED)
                        .setPermits(allowed.permits())
                        .setRemaining(allowed.left())
                        .setResetMs(
                                allowed.reset() == null
                                        ? null
                                        : Long.valueOf(allowed.reset().toMillis()))
                        .build();
            case LimitNews.Paused paused ->
                event.setKind(PAUSED).setPauseMs(paused.length().toMillis()).build();
            case LimitNews.Lifted _ ->
                throw new IllegalArgumentException("news: lifted (expected: what a worker has learned)");
        };
    }

    /** What a record that takes the place of earlier ones has in common with them. */
    static String key(LimitEvent event) {
        return event.getVendor() + "/" + event.getLimit() + "/" + event.getKind();
    }

    /**
     * What a record without a value says.
     *
     * @throws IllegalArgumentException where no limit has such a key; the message says why
     */
    static LimitNews.Lifted lifted(String key) {
        int vendorEnd = key.indexOf('/');
        int limitEnd = key.lastIndexOf('/');
        if (vendorEnd >= limitEnd) {
            throw new IllegalArgumentException("key: not that of a limit (expected: vendor/limit/kind)");
        }
        String vendor = key.substring(0, vendorEnd);
        String limit = key.substring(vendorEnd + 1, limitEnd);
        checkNames(vendor, limit);
        return switch (key.substring(limitEnd + 1)) {
            case ALLOWED -> new LimitNews.Lifted(vendor, limit, LimitNews.Kind.ALLOWED);
            case PAUSED -> new LimitNews.Lifted(vendor, limit, LimitNews.Kind.PAUSED);
            default -> throw unknownKind();
        };
    }

    private static void checkNames(String vendor, String limit) {
        if (!VENDOR.matcher(vendor).matches()) {
            throw new IllegalArgumentException("vendor: not one's id (expected: " + VENDOR + ")");
        }
        if (limit.isBlank() || limit.length() > LONGEST_NAME) {
            throw new IllegalArgumentException(
                    "limit: a name of " + limit.length() + " characters (expected: 1 to " + LONGEST_NAME + ")");
        }
    }

    private static IllegalArgumentException unknownKind() {
        return new IllegalArgumentException("kind: one that is not known here (expected: allowed or paused)");
    }

    /** @throws IllegalArgumentException where it cannot be what a worker has learned; the message says why */
    static LimitNews news(LimitEvent event) {
        checkNames(event.getVendor(), event.getLimit());
        return switch (event.getKind()) {
            case ALLOWED ->
                new LimitNews.Allowed(
                        event.getVendor(),
                        event.getLimit(),
                        number("permits", event.getPermits(), 1),
                        event.getRemaining() == null
                                ? null
                                : Long.valueOf(number("remaining", event.getRemaining(), 0)),
                        event.getResetMs() == null ? null : length("reset_ms", event.getResetMs(), 0));
            case PAUSED ->
                new LimitNews.Paused(event.getVendor(), event.getLimit(), length("pause_ms", event.getPauseMs(), 1));
            default -> throw unknownKind();
        };
    }

    private static Duration length(String name, @Nullable Long millis, long least) {
        long known = number(name, millis, least);
        if (known > LONGEST.toMillis()) {
            throw new IllegalArgumentException(
                    name + ": " + known + " (expected: at most " + LONGEST.toMillis() + ", which is 31 days)");
        }
        return Duration.ofMillis(known);
    }

    private static long number(String name, @Nullable Long value, long least) {
        if (value == null || value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
        }
        return value;
    }
}
