package dev.toolpost.worker.ratelimit.shared;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A log of all that counts in a {@link SharedWindow}, read and written in one step by {@link Script#STRICT_WINDOW}. */
final class WindowKeeping implements Keeping {

    private final SharedLimits limits;
    private final String key;
    private final SharedWindow window;
    private final WindowBook book;
    private String run = "";
    private volatile int most;
    private volatile int lastSeen = -1;

    WindowKeeping(SharedLimits limits, String key, SharedWindow window, String worker, Duration timeout) {
        this.limits = limits;
        this.key = key;
        this.window = window;
        this.book = new WindowBook(window, worker, timeout.dividedBy(2));
        this.most = window.permits();
    }

    @Override
    public int dearest() {
        return window.permits();
    }

    @Override
    public int most() {
        return most;
    }

    @Override
    public int lastSeen() {
        return lastSeen;
    }

    @Override
    public Duration closedFor() {
        return Duration.ZERO;
    }

    @Override
    public @Nullable Duration newsIn() {
        return book.newsIn(limits.nanoTime());
    }

    @Override
    public void forgetNews() {}

    @Override
    public Round begin(RedisSession session, List<Ask> asks) {
        if (!session.run().equals(run)) {
            run = session.run();
            book.forget();
        }
        WindowBook.Request request = book.ask(asks, session.memory(), limits.nanoTime());
        CompletableFuture<List<Long>> answer =
                session.run(Script.STRICT_WINDOW, key + ":window:" + run, request.arguments());
        return new Round() {
            @Override
            public CompletableFuture<?> done() {
                return answer;
            }

            @Override
            public List<Served> served() {
                List<Served> served = book.heard(request, answer.join(), limits.nanoTime());
                most = book.allowed();
                lastSeen = book.left();
                return served;
            }

            @Override
            public void lost() {
                book.lost(request, limits.nanoTime());
            }

            @Override
            public void late() {}
        };
    }

    @Override
    public void giveBack(int count) {
        book.unused(count, limits.nanoTime());
    }

    @Override
    public void ended(int count) {
        book.ended(count, limits.nanoTime());
    }

    @Override
    public boolean keeps(Duration heldFor) {
        return false;
    }

    @Override
    public void release(int count, Duration heldFor) {
        book.release(count, heldFor, limits.nanoTime());
    }

    @Override
    public void spend(int count) {
        book.spend(count);
    }

    @Override
    public void drainTo(long left) {
        book.drainTo(left);
    }

    @Override
    public void allow(int permits) {
        book.allow(permits);
    }
}
