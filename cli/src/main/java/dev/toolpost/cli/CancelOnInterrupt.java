package dev.toolpost.cli;

import dev.toolpost.client.ReplyStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Cancels a call when the process is told to end (Ctrl-C), and gives it a moment for the rest of the answer, which says where to
 * go on.
 */
final class CancelOnInterrupt implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(5);

    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread hook;

    private CancelOnInterrupt(ReplyStream stream) {
        this.hook = Thread.ofPlatform().name("cancel").unstarted(() -> {
            stream.cancel();
            try {
                if (!over.await(BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
                    System.err.println("The call was asked to end and has not answered yet.");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** From now until it is closed. */
    static CancelOnInterrupt of(ReplyStream stream) {
        CancelOnInterrupt guard = new CancelOnInterrupt(stream);
        Runtime.getRuntime().addShutdownHook(guard.hook);
        return guard;
    }

    @Override
    public void close() {
        over.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException underWay) {
            // The process is ending, and the hook sees that this is over.
        }
    }
}
