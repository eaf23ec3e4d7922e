package dev.toolpost.cli;

import dev.toolpost.client.ClientException;
import dev.toolpost.client.PendingCall;
import dev.toolpost.client.Reply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for calls and says how far they are. */
final class Progress {
    private static final Duration STEP = Duration.ofMillis(200);

    private Progress() {}

    /** How many calls are over. */
    static long over(List<PendingCall> calls) {
        return calls.stream().filter(PendingCall::isDone).count();
    }

    /** Returns when every call is over: answered, or given up by the client, which happens at its deadline. */
    static void await(List<PendingCall> calls, DemoReport report, String word) throws InterruptedException {
        CompletableFuture<Void> all = CompletableFuture.allOf(
                calls.stream().map(call -> call.reply().handle((_, _) -> true)).toArray(CompletableFuture[]::new));
        while (true) {
            try {
                all.get(STEP.toMillis(), TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException notYet) {
                report.progress(over(calls) + " of " + calls.size() + " " + word);
            } catch (ExecutionException e) {
                throw new IllegalStateException("calls that fail end as those that do not", e);
            }
        }
    }

    /** Whether the call, which is over, succeeded. */
    static boolean isOk(PendingCall call) {
        try {
            Reply reply = call.reply().getNow(null);
            return reply != null && reply.isOk();
        } catch (RuntimeException unanswered) {
            if (unanswered instanceof ClientException || unanswered.getCause() instanceof ClientException) {
                return false;
            }
            throw unanswered;
        }
    }
}
