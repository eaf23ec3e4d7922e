package dev.toolpost.worker.ratelimit.shared;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** How the permits of one limit are kept on the server. Belongs to the thread of {@link SharedLimits}, unless said otherwise. */
sealed interface Keeping permits BucketKeeping, WindowKeeping {

    /** What one question may need at most, by the definition. Any thread. */
    int dearest();

    /** The most that can be granted at once, as far as is known. Any thread. */
    int most();

    /** As {@link SharedPermits#lastSeen()}. Any thread. */
    int lastSeen();

    /** For so long nothing is granted, whoever asks. */
    Duration closedFor();

    /** How long what is to be told there may wait for a question; null where there is nothing. */
    @Nullable
    Duration newsIn();

    /** Nobody is there to be told. */
    void forgetNews();

    /** What there is to tell goes to the server, and then these are asked for, in this order. */
    Round begin(RedisSession session, List<Ask> asks);

    void giveBack(int count);

    void ended(int count);

    /** Whether permits that were granted so long ago are good still. */
    boolean keeps(Duration heldFor);

    /** Permits that were granted so long ago at most are not used, or others instead of them. */
    void release(int count, Duration heldFor);

    void spend(int count);

    void drainTo(long left);

    void allow(int permits);

    /** One exchange with the server. Ends with one call of {@link #served} or {@link #lost}. */
    interface Round {

        /** Ends on any thread. */
        CompletableFuture<?> done();

        /** It has ended well, and in time. One for each that asked. */
        List<Served> served();

        /** It failed, or takes too long: nobody knows what it did. */
        void lost();

        /** It has ended well all the same, after it was lost. */
        void late();
    }
}
