package dev.toolpost.sandbox;

/**
 * Other people's work on a vendor's records while somebody lists them: before each page that is served, records disappear around the place that it
 * starts at, and new ones appear where the vendor's order puts them. The same seed and the same requests give the same changes. New records
 * take no memory, deleted ones eight bytes each. Immutable.
 *
 * @param inserts how many records appear per page on average
 * @param deletes how many records disappear per page on average
 * @param reach how far from the page's first record a deleted one may be, before it and behind
 * @param changes after how many inserts and deletes it ends, so that a traversal of small pages has an end too
 */
public record Churn(double inserts, double deletes, int reach, long seed, long changes) {

    /** Nothing changes by itself. */
    public static final Churn NONE = new Churn(0, 0, 1, 0, 0);

    public Churn {
        if (!(inserts >= 0 && inserts <= 1000 && deletes >= 0 && deletes <= 1000)) {
            throw new IllegalArgumentException(
                    "inserts: " + inserts + ", deletes: " + deletes + " (expected: 0 to 1,000 per page)");
        }
        if (reach < 1 || changes < 0) {
            throw new IllegalArgumentException(
                    "reach: " + reach + ", changes: " + changes + " (expected: >= 1 and >= 0)");
        }
    }

    /** So many per page within 300 records of its start, at most 100,000 changes. */
    public static Churn of(double inserts, double deletes, long seed) {
        return new Churn(inserts, deletes, 300, seed, 100_000);
    }
}
