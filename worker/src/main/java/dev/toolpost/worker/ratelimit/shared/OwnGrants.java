package dev.toolpost.worker.ratelimit.shared;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.ObjIntConsumer;

/**
 * What one worker was granted of a shared window, and what of that it has to tell. Pure; not thread-safe.
 *
 * <p>What ends or comes back unused is told of the <em>oldest</em> grant that has any out, whichever it was granted by. So what is still out is always counted by
 * the youngest grants, longer than by its own: never too short.
 *
 * <p>What is told is a state and not a change, how many are still out and how many at most of the others were used. Told twice, late or in another order it
 * does nothing that the last word would not do, and what was lost is made good by the next.
 */
final class OwnGrants {

    /**
     * What is to be said of a grant.
     *
     * @param out permits whose requests may be under way
     * @param ended at most so many of the others, as far as was not surely told before, were used
     * @param agoNanos since the last of these ended, at least
     */
    record Telling(String id, int out, int ended, long agoNanos) {}

    private static final class Grant {
        final String id;
        final long atNanos;
        int out;
        int ended;
        boolean returned;
        long endedAt;
        long newsSince;

        Grant(String id, long atNanos, int out) {
            this.id = id;
            this.atNanos = atNanos;
            this.out = out;
        }

        boolean hasNews() {
            return ended > 0 || returned;
        }
    }

    private final Deque<Grant> grants = new ArrayDeque<>();

    /** Still out, of grants that do not count any more. */
    private long forgotten;

    /** So many were granted. */
    void granted(String id, int count, long now) {
        if (count > 0) {
            grants.addLast(new Grant(id, now, count));
        }
    }

    /** Nobody knows whether any were granted; none are used. */
    void perhapsGranted(String id, long now) {
        Grant grant = new Grant(id, now, 0);
        grant.returned = true;
        grant.newsSince = now;
        grants.addLast(grant);
    }

    /** Requests that took so many have ended. */
    void ended(int count, long now) {
        takeBack(count, now, (grant, part) -> {
            grant.ended += part;
            grant.endedAt = now;
        });
    }

    /** So many were never used. */
    void unused(int count, long now) {
        takeBack(count, now, (grant, part) -> grant.returned = true);
    }

    private void takeBack(int count, long now, ObjIntConsumer<Grant> news) {
        int rest = fromForgotten(count);
        for (Grant grant : grants) {
            if (rest == 0) {
                return;
            }
            int part = Math.min(rest, grant.out);
            if (part > 0) {
                if (!grant.hasNews()) {
                    grant.newsSince = now;
                }
                grant.out -= part;
                news.accept(grant, part);
                rest -= part;
            }
        }
    }

    private int fromForgotten(int count) {
        int part = (int) Math.min(forgotten, count);
        forgotten -= part;
        return count - part;
    }

    /** How long news may wait; negative where there is none. */
    long newsIn(long wait, long now) {
        long in = -1;
        for (Grant grant : grants) {
            if (grant.returned) {
                return 0;
            }
            if (grant.ended > 0) {
                long left = Math.max(0, grant.newsSince + wait - now);
                in = in < 0 ? left : Math.min(in, left);
            }
        }
        return in;
    }

    List<Telling> tell(long now) {
        List<Telling> news = new ArrayList<>();
        for (Grant grant : grants) {
            if (grant.hasNews()) {
                news.add(new Telling(grant.id, grant.out, grant.ended, grant.ended > 0 ? now - grant.endedAt : 0));
            }
        }
        return news;
    }

    /** These were surely heard. */
    void told(List<Telling> news, long now) {
        int place = 0;
        for (Grant grant : grants) {
            if (place < news.size() && news.get(place).id().equals(grant.id)) {
                Telling heard = news.get(place++);
                grant.ended -= heard.ended();
                grant.returned = heard.out() - grant.out - grant.ended > 0;
                grant.newsSince = now;
            }
        }
        grants.removeIf(grant -> grant.out == 0 && !grant.hasNews());
    }

    /** Grants that are older count no more. */
    void forget(long olderThanNanos, long now) {
        while (!grants.isEmpty() && now - grants.getFirst().atNanos > olderThanNanos) {
            forgotten += grants.removeFirst().out;
        }
    }

    /** Who granted them has forgotten them. */
    void forgetAll() {
        grants.forEach(grant -> forgotten += grant.out);
        grants.clear();
    }

    /** Permits that are out. */
    long out() {
        return forgotten + grants.stream().mapToInt(grant -> grant.out).sum();
    }
}
