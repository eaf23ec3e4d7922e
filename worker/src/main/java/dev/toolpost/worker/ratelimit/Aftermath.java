package dev.toolpost.worker.ratelimit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be done once the limiters' lock is free again: callers to wake, permits to make durable or to ask for elsewhere. */
final class Aftermath {

    /** What a thread has still to do, while it does it. */
    private static final ThreadLocal<Deque<Aftermath>> UNDER_WAY = new ThreadLocal<>();

    private @Nullable Waiter first;
    private @Nullable Waiter last;
    private @Nullable List<Runnable> actions;

    /** A waiter that got its outcome; strung together by the waiters' own links. */
    void wake(Waiter waiter) {
        if (last == null) {
            first = waiter;
        } else {
            last.after = waiter;
        }
        last = waiter;
    }

    void then(Runnable action) {
        if (actions == null) {
            actions = new ArrayList<>();
        }
        actions.add(action);
    }

    /**
     * Without the lock. Callers that are woken may leave, and so wake others: whoever runs this within that has it done after, not within, so
     * that a long line of callers who all leave does not pile up on the stack.
     */
    void run() {
        if (first == null && actions == null) {
            return;
        }
        Deque<Aftermath> outer = UNDER_WAY.get();
        if (outer != null) {
            outer.addLast(this);
            return;
        }
        Deque<Aftermath> later = new ArrayDeque<>();
        UNDER_WAY.set(later);
        try {
            for (Aftermath each = this; each != null; each = later.pollFirst()) {
                each.perform();
            }
        } finally {
            UNDER_WAY.remove();
        }
    }

    private void perform() {
        Waiter next;
        for (Waiter each = first; each != null; each = next) {
            next = each.after;
            each.after = null;
            each.wake();
        }
        if (actions != null) {
            actions.forEach(Runnable::run);
        }
    }
}
