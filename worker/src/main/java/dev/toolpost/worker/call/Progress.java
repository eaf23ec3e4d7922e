package dev.toolpost.worker.call;

import org.jspecify.annotations.Nullable;

/**
 * How far a traversal has come at the start of a turn; what a continuation carries. Immutable.
 *
 * @param frame number of the next frame
 * @param pages pages read so far
 * @param records records read so far
 * @param cursor sealed cursor of the next page; null at the call's own beginning
 * @param guard hash of an earlier place, by which a list that runs in a circle is found out
 * @param emptyPages pages without a record since the last that held one
 * @param vendorMillis time spent in exchanges with the vendor so far
 * @param work what the vendor has taken on and the call waits for, or null
 * @param notBefore epoch milliseconds before which it does not go on; 0 for none
 * @param tries attempts at the next request that failed before
 */
record Progress(
        int frame,
        int pages,
        long records,
        @Nullable String cursor,
        @Nullable String guard,
        int emptyPages,
        long vendorMillis,
        @Nullable Work work,
        long notBefore,
        int tries) {

    /** Nothing was read yet. */
    static final Progress NONE = new Progress(0, 0, 0, null, null, 0, 0, null, 0, 0);

    /** Progress of a traversal. */
    Progress(
            int frame,
            int pages,
            long records,
            @Nullable String cursor,
            @Nullable String guard,
            int emptyPages,
            long vendorMillis) {
        this(frame, pages, records, cursor, guard, emptyPages, vendorMillis, null, 0, 0);
    }

    Progress withWork(Work begun) {
        return new Progress(frame, pages, records, cursor, guard, emptyPages, vendorMillis, begun, 0, 0);
    }

    Progress withFrame(int next) {
        return new Progress(next, pages, records, cursor, guard, emptyPages, vendorMillis, work, notBefore, tries);
    }

    Progress withVendorMillis(long millis) {
        return new Progress(frame, pages, records, cursor, guard, emptyPages, millis, work, notBefore, tries);
    }

    Progress withNotBefore(long epochMillis) {
        return new Progress(frame, pages, records, cursor, guard, emptyPages, vendorMillis, work, epochMillis, tries);
    }

    Progress withTries(int failed) {
        return new Progress(frame, pages, records, cursor, guard, emptyPages, vendorMillis, work, notBefore, failed);
    }
}
