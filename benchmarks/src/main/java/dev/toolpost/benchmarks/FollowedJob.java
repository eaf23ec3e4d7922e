package dev.toolpost.benchmarks;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads what a job delivers on a thread of its own, and answers there what it is asked. Thread-safe. */
final class FollowedJob implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(50);

    private final JobSink sink;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("job").daemon().factory());
    private volatile @Nullable RuntimeException failure;
    private volatile boolean closing;

    /** @param sink is closed with it */
    FollowedJob(JobSink sink) {
        this.sink = sink;
        thread.execute(this::read);
    }

    private void read() {
        try {
            sink.read(POLL);
        } catch (RuntimeException e) {
            failure = e;
            return;
        }
        if (!closing) {
            thread.execute(this::read);
        }
    }

    <T> T ask(Function<JobSink, T> question) throws InterruptedException, ExecutionException {
        RuntimeException failed = failure;
        if (failed != null) {
            throw failed;
        }
        return CompletableFuture.supplyAsync(() -> question.apply(sink), thread).get();
    }

    @Override
    public void close() {
        closing = true;
        thread.close();
        sink.close();
    }
}
