package dev.toolpost.worker.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;
import org.jspecify.annotations.Nullable;

/**
 * Resolves vendors' names and hands the HTTP client only addresses that the policy allows, so that what was checked is
 * what is connected to, whatever a second lookup would say.
 *
 * <p>A lookup of the operating system cannot be interrupted and holds its thread, so lookups run on a few platform
 * threads, one per name at a time, and the caller waits no longer than its deadline. Thread-safe.
 */
public final class VendorAddresses implements DnsResolver, AutoCloseable {

    /** The deadline of the exchange that this thread is on, in nanoseconds of {@link System#nanoTime()}. */
    static final ScopedValue<Long> DEADLINE = ScopedValue.newInstance();

    private static final long LONGEST_LOOKUP_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int LOOKUP_THREADS = 16;

    private final AddressPolicy policy;
    private final HostLookup lookup;
    private final ExecutorService threads;
    private final ConcurrentHashMap<String, CompletableFuture<InetAddress[]>> underWay = new ConcurrentHashMap<>();

    public VendorAddresses(AddressPolicy policy, HostLookup lookup) {
        this.policy = policy;
        this.lookup = lookup;
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                LOOKUP_THREADS,
                LOOKUP_THREADS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(1_000),
                Thread.ofPlatform().daemon().name("vendor-lookup-", 0).factory());
        pool.allowCoreThreadTimeOut(true);
        this.threads = pool;
    }

    /**
     * The addresses of a name that may be connected to, at least one.
     *
     * @param deadlineNanos when the caller stops waiting, in nanoseconds of {@link System#nanoTime()}
     * @throws AddressRefusedException where there are only others
     * @throws UnknownHostException where there are none
     */
    public InetAddress[] resolve(String host, long deadlineNanos) throws UnknownHostException {
        return ScopedValue.where(DEADLINE, deadlineNanos).call(() -> resolve(host));
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] found = find(host);
        List<InetAddress> allowed = new ArrayList<>(found.length);
        for (InetAddress address : found) {
            if (policy.allows(host, address)) {
                allowed.add(address);
            }
        }
        if (allowed.isEmpty()) {
            throw new AddressRefusedException(host, found);
        }
        return allowed.toArray(InetAddress[]::new);
    }

    @Override
    public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
        return Arrays.stream(resolve(host))
                .map(address -> new InetSocketAddress(address, port))
                .toList();
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }

    private InetAddress[] find(String host) throws UnknownHostException {
        CompletableFuture<InetAddress[]> answer = new CompletableFuture<>();
        CompletableFuture<InetAddress[]> earlier = underWay.putIfAbsent(host, answer);
        if (earlier == null) {
            start(host, answer);
        }
        long now = System.nanoTime();
        long waitNanos = Math.min(LONGEST_LOOKUP_NANOS, DEADLINE.orElse(now + LONGEST_LOOKUP_NANOS) - now);
        try {
            return (earlier == null ? answer : earlier).get(Math.max(0, waitNanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw unknown(host, "no answer of the name service in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown(host, "interrupted", e);
        } catch (ExecutionException e) {
            throw unknown(host, Objects.requireNonNullElse(e.getCause(), e).getMessage(), e);
        }
    }

    private void start(String host, CompletableFuture<InetAddress[]> answer) {
        try {
            threads.execute(() -> {
                try {
                    answer.complete(lookup.find(host));
                } catch (UnknownHostException | RuntimeException e) {
                    answer.completeExceptionally(e);
                } finally {
                    underWay.remove(host, answer);
                }
            });
        } catch (RejectedExecutionException e) {
            underWay.remove(host, answer);
            answer.completeExceptionally(e);
        }
    }

    private static UnknownHostException unknown(String host, @Nullable String why, Throwable cause) {
        UnknownHostException exception = new UnknownHostException(host + ": " + why);
        exception.initCause(cause);
        return exception;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
