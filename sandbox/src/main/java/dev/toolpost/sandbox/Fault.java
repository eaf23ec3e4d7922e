package dev.toolpost.sandbox;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes wrong at a vendor, for the requests that it matches. Immutable; the methods give changed copies:
 *
 * {@snippet :
 * vendor.inject(Fault.status(503).on("POST", "/crm/v3/objects/contacts").times(3));
 * vendor.inject(Fault.latency(Duration.ofSeconds(1)).probability(0.01, seed));
 * vendor.inject(Fault.resetAfterProcessing().skip(499).times(1));
 * }
 *
 * <p>Faults are looked at in the order of their injection, after authentication and the rate limit. Latencies add up; of the others the first that
 * matches and is not used up happens.
 *
 * @param method only requests with this method, or null for all
 * @param path only requests whose path matches, {@code *} standing for anything
 * @param skip how many matching requests it lets through first
 * @param times how often it happens, 0 for always
 * @param probability of happening to a matching request, drawn from a generator with the seed
 * @param delayMin how long the answer (or the break) takes, at least
 * @param delayMax and at most, drawn evenly
 * @param status of the answer, for the kinds with a status
 * @param headers of the answer; {@code {date+N}} becomes the HTTP date N seconds ahead
 * @param body of the answer, or null for the vendor's own shape
 */
public record Fault(
        Kind kind,
        @Nullable String method,
        String path,
        int skip,
        int times,
        double probability,
        long seed,
        Duration delayMin,
        Duration delayMax,
        int status,
        Map<String, String> headers,
        @Nullable String body) {

    /** What happens. "Processed" says whether a write takes effect. */
    public enum Kind {
        /** Processed; the answer comes late. */
        LATENCY,
        /** Not processed; answered with the status. */
        STATUS,
        /** Processed; answered with the status all the same. */
        STATUS_AFTER,
        /** Not processed; TCP reset after the whole request was read. */
        RESET_BEFORE,
        /** Processed; TCP reset instead of the answer. */
        RESET_AFTER,
        /** Processed; status, headers and a part of the body, then nothing for as long as the client stays. */
        STALL,
        /** Processed; no answer for as long as the client stays. */
        SILENCE,
        /** Processed; bytes that are not HTTP. */
        GARBAGE,
        /** Processed; a proper answer whose body is not JSON (an HTML page). */
        NOT_JSON,
        /** Processed; half of the body, then the connection closes. */
        TRUNCATE,
        /** Processed; the body never ends. */
        ENDLESS,
        /** Processed; a few hundred kilobytes that unpack to hundreds of megabytes. */
        GZIP_BOMB,
        /** Processed; JSON nested 100,000 deep. */
        NESTING_BOMB,
        /** The next cursor of a page is the cursor that was asked with. */
        REPEAT_CURSOR,
        /** The next link of a page leads to another host. */
        FOREIGN_LINK
    }

    public Fault {
        headers = Map.copyOf(headers);
        if (probability < 0 || probability > 1) {
            throw new IllegalArgumentException("probability: " + probability + " (expected: 0 to 1)");
        }
        if (skip < 0 || times < 0) {
            throw new IllegalArgumentException("skip: " + skip + ", times: " + times + " (expected: >= 0)");
        }
        if (delayMin.isNegative() || delayMax.compareTo(delayMin) < 0) {
            throw new IllegalArgumentException(
                    "delay: " + delayMin + " to " + delayMax + " (expected: 0 <= min <= max)");
        }
        if ((kind == Kind.STATUS || kind == Kind.STATUS_AFTER) && (status < 200 || status > 999)) {
            throw new IllegalArgumentException("status: " + status + " (expected: 200 to 999)");
        }
    }

    public static Fault of(Kind kind) {
        int status = kind == Kind.STATUS || kind == Kind.STATUS_AFTER ? 500 : 0;
        return new Fault(kind, null, "*", 0, 0, 1, 0, Duration.ZERO, Duration.ZERO, status, Map.of(), null);
    }

    public static Fault latency(Duration delay) {
        return of(Kind.LATENCY).delay(delay, delay);
    }

    public static Fault status(int status) {
        return of(Kind.STATUS).withStatus(status);
    }

    public static Fault statusAfterProcessing(int status) {
        return of(Kind.STATUS_AFTER).withStatus(status);
    }

    /** 429, or by the vendor's habit another status, with this {@code Retry-After} (null for none). */
    public static Fault throttled(int status, @Nullable String retryAfter) {
        Fault plain = status(status);
        return retryAfter == null ? plain : plain.header("Retry-After", retryAfter);
    }

    public static Fault resetBeforeProcessing() {
        return of(Kind.RESET_BEFORE);
    }

    public static Fault resetAfterProcessing() {
        return of(Kind.RESET_AFTER);
    }

    public static Fault stall() {
        return of(Kind.STALL);
    }

    public static Fault garbage() {
        return of(Kind.GARBAGE);
    }

    public Fault on(@Nullable String newMethod, String newPath) {
        return new Fault(
                kind, newMethod, newPath, skip, times, probability, seed, delayMin, delayMax, status, headers, body);
    }

    public Fault times(int newTimes) {
        return new Fault(
                kind, method, path, skip, newTimes, probability, seed, delayMin, delayMax, status, headers, body);
    }

    public Fault skip(int newSkip) {
        return new Fault(
                kind, method, path, newSkip, times, probability, seed, delayMin, delayMax, status, headers, body);
    }

    public Fault probability(double newProbability, long newSeed) {
        return new Fault(
                kind, method, path, skip, times, newProbability, newSeed, delayMin, delayMax, status, headers, body);
    }

    public Fault delay(Duration min, Duration max) {
        return new Fault(kind, method, path, skip, times, probability, seed, min, max, status, headers, body);
    }

    public Fault withStatus(int newStatus) {
        return new Fault(
                kind, method, path, skip, times, probability, seed, delayMin, delayMax, newStatus, headers, body);
    }

    public Fault header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Fault(kind, method, path, skip, times, probability, seed, delayMin, delayMax, status, more, body);
    }

    public Fault body(String newBody) {
        return new Fault(
                kind, method, path, skip, times, probability, seed, delayMin, delayMax, status, headers, newBody);
    }

    boolean matches(String requestMethod, String requestPath) {
        return (method == null || method.equals(requestMethod)) && Glob.matches(path, requestPath);
    }
}
