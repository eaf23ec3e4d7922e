package dev.toolpost.worker.ratelimit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be done once the limiters' lock is free again: callers to wake, permits to make durable or to ask for elsewhere. */
final class Aftermath {

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

    /** Without the lock. */
    void run() {
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
