package dev.toolpost.worker.ratelimit.shared;

import dev.toolpost.worker.ratelimit.shared.Keeping.Round;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The permits of one limit in Redis.
 *
 * <p>One round at a time goes to the server, for all who asked since the one before: workers meet there, not calls. A round has half the
 * time-out, so that who waits for the end of one and is part of the next is answered within the whole. What a round does is its {@link Keeping}'s. All
 * fields belong to the thread of {@link SharedLimits}, unless said otherwise.
 */
final class RedisPermits implements SharedPermits {

    private static final Logger LOG = LoggerFactory.getLogger(RedisPermits.class);

    private static final String CLOSED = "shared limits are closed";

    private final SharedLimits limits;
    private final String name;
    private final Keeping keeping;
    private final Duration roundBound;
    private final Duration keepsFor;

    private final List<Ask> asks = new ArrayList<>();
    private @Nullable Underway round;
    private @Nullable ScheduledFuture<?> next;
    private boolean closed;

    private static final class Underway {
        final RedisSession session;
        final List<Ask> asks;
        final Round round;

        Underway(RedisSession session, List<Ask> asks, Round round) {
            this.session = session;
            this.asks = asks;
            this.round = round;
        }
    }

    /**
     * @param name for people
     * @param jitter longest time from an answer to the request's arrival
     */
    RedisPermits(SharedLimits limits, String name, Keeping keeping, Duration timeout, Duration jitter) {
        this.limits = limits;
        this.name = name;
        this.keeping = keeping;
        this.roundBound = timeout.dividedBy(2);
        this.keepsFor = jitter.dividedBy(2);
    }

    @Override
    public int most() {
        return keeping.most();
    }

    @Override
    public int lastSeen() {
        return keeping.lastSeen();
    }

    @Override
    public void ask(int least, int count, int leave, Answer answer) {
        if (least < 1 || least > keeping.dearest() || count < least || leave < 0) {
            throw new IllegalArgumentException("permits of " + name + ": " + least + " to " + count
                    + " (expected: at least 1, the least no more than " + keeping.dearest() + ")");
        }
        Ask ask = new Ask(least, count, Math.clamp(most() - least, 0, leave), answer);
        if (!onThread(() -> {
            asks.add(ask);
            pump();
        })) {
            Thread.startVirtualThread(() -> answer.unreachable(CLOSED));
        }
    }

    @Override
    public void giveBack(int count) {
        thenPump(() -> keeping.giveBack(count));
    }

    @Override
    public void ended(int count, Duration in) {
        if (!in.isPositive()) {
            thenPump(() -> keeping.ended(count));
            return;
        }
        onThread(() -> {
            var _ = limits.later(
                    () -> {
                        keeping.ended(count);
                        pump();
                    },
                    in);
        });
    }

    @Override
    public Duration keepsFor() {
        return keepsFor;
    }

    @Override
    public void renew(int held, int count, Duration heldFor, Answer answer) {
        if (!onThread(() -> {
            if (held == count && keeping.keeps(heldFor)) {
                tell(() -> answer.granted(count));
                return;
            }
            keeping.release(held, heldFor);
            // What it frees is for it.
            asks.addFirst(Ask.instead(count, answer));
            pump();
        })) {
            Thread.startVirtualThread(() -> answer.unreachable(CLOSED));
        }
    }

    @Override
    public void spend(int count) {
        thenPump(() -> keeping.spend(count));
    }

    @Override
    public void drainTo(long left) {
        thenPump(() -> keeping.drainTo(left));
    }

    @Override
    public void allow(int permits) {
        thenPump(() -> keeping.allow(permits));
    }

    @Override
    public void close() {
        thenPump(() -> closed = true);
    }

    private void thenPump(Runnable action) {
        onThread(() -> {
            action.run();
            pump();
        });
    }

    private boolean onThread(Runnable action) {
        try {
            limits.thread().execute(action);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void pump() {
        if (round != null) {
            return;
        }
        RedisSession session = limits.session();
        if (closed || session == null) {
            keeping.forgetNews();
            String why = closed ? CLOSED : limits.whyDown();
            takeAsks().forEach(ask -> tell(() -> ask.answer().unreachable(why)));
            return;
        }
        Duration closedFor = keeping.closedFor();
        if (!closedFor.isZero()) {
            keeping.forgetNews();
            takeAsks().forEach(ask -> tell(() -> ask.answer().none(closedFor, closedFor)));
            return;
        }
        if (asks.isEmpty()) {
            Duration news = keeping.newsIn();
            if (news == null) {
                return;
            }
            if (news.isPositive()) {
                pumpIn(news);
                return;
            }
        }
        begin(session);
    }

    private void pumpIn(Duration wait) {
        if (next == null) {
            next = limits.later(
                    () -> {
                        next = null;
                        pump();
                    },
                    wait);
        }
    }

    private List<Ask> takeAsks() {
        List<Ask> taken = List.copyOf(asks);
        asks.clear();
        return taken;
    }

    private void begin(RedisSession session) {
        List<Ask> taken = takeAsks();
        Underway begun;
        try {
            begun = new Underway(session, taken, keeping.begin(session, taken));
        } catch (RuntimeException bug) {
            LOG.error("permits of {} cannot be asked for", name, bug);
            refuse(session, taken, SharedLimits.reason(bug));
            return;
        }
        round = begun;
        ScheduledFuture<?> bound = limits.later(() -> giveUp(begun), roundBound);
        var _ = begun.round
                .done()
                .whenComplete((_, failure) -> onThread(() -> {
                    bound.cancel(false);
                    end(begun, failure);
                }));
    }

    private void giveUp(Underway late) {
        if (round == late) {
            lost(late, "no answer within " + roundBound.toMillis() + " ms");
        }
    }

    private void end(Underway ended, @Nullable Throwable failure) {
        if (round != ended) {
            if (failure == null) {
                ended.round.late();
                pump();
            }
            return;
        }
        if (failure != null) {
            lost(ended, SharedLimits.reason(failure));
            return;
        }
        List<Served> served;
        try {
            served = ended.round.served();
        } catch (RuntimeException bug) {
            LOG.error("what the server says of {} is not understood", name, bug);
            lost(ended, "an answer that is not understood: " + SharedLimits.reason(bug));
            return;
        }
        round = null;
        limits.worked(ended.session);
        for (int i = 0; i < served.size(); i++) {
            Served each = served.get(i);
            Answer answer = ended.asks.get(i).answer();
            tell(() -> each.tell(answer));
        }
        pump();
    }

    private void lost(Underway lost, String why) {
        round = null;
        lost.round.lost();
        refuse(lost.session, lost.asks, why);
        pump();
    }

    private void refuse(RedisSession session, List<Ask> asks, String why) {
        limits.failed(session, why);
        asks.forEach(ask -> tell(() -> ask.answer().unreachable(why)));
    }

    /** An answer that throws must not cost the others theirs. */
    private static void tell(Runnable answer) {
        try {
            answer.run();
        } catch (RuntimeException e) {
            LOG.error("an answer about shared permits failed", e);
        }
    }
}
