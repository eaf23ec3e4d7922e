package dev.toolpost.sandbox;

import java.util.SplittableRandom;

/** Carries a churn out. Belongs to the loop's thread. */
final class Churning {

    private Churn churn = Churn.NONE;
    private SplittableRandom random = new SplittableRandom(0);
    private long left;
    private long inserted;
    private long deleted;

    void follow(Churn next) {
        churn = next;
        random = new SplittableRandom(next.seed());
        left = next.changes();
        inserted = 0;
        deleted = 0;
    }

    long inserted() {
        return inserted;
    }

    long deleted() {
        return deleted;
    }

    /** Changes a collection of which a page is asked for that starts at this record (-1 for behind the last). */
    void before(RecordCollection collection, long firstId) {
        if (left == 0) {
            return;
        }
        int deletes = draw(churn.deletes());
        for (int i = 0; i < deletes && left > 0; i++) {
            delete(collection, firstId);
        }
        int inserts = draw(churn.inserts());
        for (int i = 0; i < inserts && left > 0; i++) {
            long _ = collection.insert();
            inserted++;
            left--;
        }
    }

    private void delete(RecordCollection collection, long firstId) {
        long around = firstId < 0 ? Long.MAX_VALUE : firstId;
        long offset = random.nextLong(-churn.reach(), churn.reach() + 1L);
        long id = offset < 0 || firstId < 0
                ? collection.previous(around - Math.abs(offset))
                : collection.next(around + offset);
        if (id >= 0 && collection.archive(id)) {
            deleted++;
            left--;
        }
    }

    private int draw(double average) {
        int whole = (int) average;
        return whole + (random.nextDouble() < average - whole ? 1 : 0);
    }
}
