package dev.toolpost.worker.ratelimit.shared;

/** A question for permits: {@link SharedPermits#ask(int, int, int, SharedPermits.Answer)}. */
record Ask(int least, int count, int leave, SharedPermits.Answer answer) {

    private static final int BEFORE_ALL = -1;

    /** For permits that take the place of others: at once and whole, before anybody who waits, or not at all. */
    static Ask instead(int count, SharedPermits.Answer answer) {
        return new Ask(count, count, BEFORE_ALL, answer);
    }

    boolean isInstead() {
        return leave == BEFORE_ALL;
    }
}
