package dev.toolpost.cli;

import dev.toolpost.client.PendingCall;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for calls and says how far they are. */
final class Progress {
    private static final Duration STEP = Duration.ofSeconds(1);

    private Progress() {}

    /** Returns when every call is over: answered, or given up by the client, which happens at its deadline. */
    static void await(List<PendingCall> calls, DemoReport report, String word) throws InterruptedException {
        CompletableFuture<Void> all =
                CompletableFuture.allOf(calls.stream().map(PendingCall::reply).toArray(CompletableFuture[]::new));
        long last = -1;
        while (true) {
            try {
                all.get(STEP.toMillis(), TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException notYet) {
                long done = calls.stream().filter(PendingCall::isDone).count();
                if (done != last) {
                    report.progress(done + " of " + calls.size() + " " + word);
                    last = done;
                }
            } catch (ExecutionException one) {
                // Over all the same; who reads the calls sees which.
                return;
            }
        }
    }
}
