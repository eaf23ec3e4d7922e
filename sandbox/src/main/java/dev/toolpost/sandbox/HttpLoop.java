package dev.toolpost.sandbox;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small HTTP/1.1 server (RFC 9112) on a single thread: it reads, handles and answers every connection there, so a handler's state needs no
 * lock and requests have one order. Handlers must not block; a late answer is put on the clock instead. It costs a few microseconds of
 * one core per request and can also break off in all the ways that real servers do.
 *
 * <p>{@link #call} and {@link #execute} may be used from any thread; everything else belongs to the loop.
 */
final class HttpLoop implements AutoCloseable {

    /** Answers a request through its exchange, on the loop's thread, before it returns. */
    @FunctionalInterface
    interface Handler {
        void handle(HttpExchange exchange);
    }

    private record Task(long atNanos, long sequence, Runnable action) implements Comparable<Task> {
        @Override
        public int compareTo(Task other) {
            int byTime = Long.signum(atNanos - other.atNanos);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(HttpLoop.class);
    private static final Duration CALL_BOUND = Duration.ofSeconds(10);

    private final String name;
    private final Handler handler;
    private final ServerSocketChannel server;
    private final Selector selector;
    private final Thread thread;
    private final URI uri;
    private final Queue<Runnable> submitted = new ConcurrentLinkedQueue<>();
    private volatile boolean running = true;

    // Owned by the loop's thread.
    final ByteBuffer readBuffer = ByteBuffer.allocateDirect(1 << 16);
    final ByteBuffer writeBuffer = ByteBuffer.allocateDirect(1 << 17);
    final HttpExchange exchange;
    private final PriorityQueue<Task> clock = new PriorityQueue<>();
    private final ArrayDeque<HttpConnection> runnable = new ArrayDeque<>();
    private long sequence;

    HttpLoop(String name, String host, int port, Handler handler) {
        this.name = name;
        this.handler = handler;
        this.server = Listening.open(name, host, port);
        try {
            this.selector = Selector.open();
            server.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException e) {
            throw new SandboxException(name + ": cannot listen: " + e.getMessage(), e);
        }
        this.uri = URI.create("http://" + Listening.reachable(host) + ":" + Listening.port(server));
        this.exchange = new HttpExchange(this);
        this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
    }

    HttpLoop start() {
        thread.start();
        return this;
    }

    URI uri() {
        return uri;
    }

    /** Processor time that the loop has used, in nanoseconds. */
    long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
    }

    /** Runs an action on the loop soon. */
    void execute(Runnable action) {
        submitted.add(action);
        selector.wakeup();
    }

    /** Runs an action on the loop and returns its result. */
    <T> T call(Callable<T> action) {
        if (Thread.currentThread().equals(thread)) {
            try {
                return action.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new SandboxException(name + ": " + e.getMessage(), e);
            }
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        execute(() -> {
            try {
                result.complete(action.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        try {
            if (!running) {
                throw new SandboxException(name + " is closed.");
            }
            return result.get(CALL_BOUND.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SandboxException(name + ": interrupted", e);
        } catch (TimeoutException e) {
            throw new SandboxException(
                    name + " did not react within " + CALL_BOUND.toSeconds() + " s (closed meanwhile?).", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException problem) {
                throw problem;
            }
            throw new SandboxException(name + ": " + e.getCause(), e.getCause());
        }
    }

    @Override
    public void close() {
        running = false;
        selector.wakeup();
        try {
            thread.join(CALL_BOUND);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void at(long atNanos, Runnable action) {
        clock.add(new Task(atNanos, sequence++, action));
    }

    /** Has the loop look again for a whole request among the bytes that a connection already received. */
    void again(HttpConnection connection) {
        runnable.add(connection);
    }

    void handle(HttpExchange request) {
        handler.handle(request);
    }

    private void run() {
        try {
            while (running) {
                selector.select(this::ready, timeoutMillis());
                runSubmitted();
                runClock();
                runAgain();
            }
        } catch (IOException | RuntimeException e) {
            LOG.error("{} at {} stopped", name, uri, e);
        } finally {
            running = false;
            closeAll();
        }
    }

    /** 0 waits without bound, as {@link Selector#select(long)} has it. */
    private long timeoutMillis() {
        Task next = clock.peek();
        if (next == null) {
            return 0;
        }
        return Math.max(1, (next.atNanos - System.nanoTime() + 999_999) / 1_000_000);
    }

    private void ready(SelectionKey key) {
        if (key.attachment() instanceof HttpConnection connection) {
            guarded(connection, () -> connection.ready(key));
        } else {
            accept();
        }
    }

    private void guarded(HttpConnection connection, ConnectionAction action) {
        try {
            action.run();
        } catch (IOException e) {
            connection.closeNow();
        } catch (RuntimeException e) {
            LOG.error("{} failed on a request", name, e);
            connection.closeNow();
        }
    }

    @FunctionalInterface
    interface ConnectionAction {
        void run() throws IOException;
    }

    private void accept() {
        try {
            for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
                key.attach(new HttpConnection(this, channel, key));
            }
        } catch (IOException e) {
            LOG.warn("{} could not accept a connection: {}", name, e.toString());
        }
    }

    private void runSubmitted() {
        for (@Nullable Runnable action = submitted.poll(); action != null; action = submitted.poll()) {
            action.run();
        }
    }

    private void runClock() {
        for (Task task = clock.peek(); task != null && task.atNanos - System.nanoTime() <= 0; task = clock.peek()) {
            clock.remove();
            task.action.run();
        }
    }

    private void runAgain() {
        for (HttpConnection connection = runnable.poll(); connection != null; connection = runnable.poll()) {
            HttpConnection current = connection;
            guarded(current, current::process);
        }
    }

    private void closeAll() {
        for (SelectionKey key : selector.keys()) {
            try {
                key.channel().close();
            } catch (IOException e) {
                LOG.debug("Closing {}", key, e);
            }
        }
        try {
            selector.close();
        } catch (IOException e) {
            LOG.debug("Closing {}", name, e);
        }
    }
}
