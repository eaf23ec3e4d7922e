package dev.toolpost.worker.ratelimit.shared;

/** A question for permits: {@link SharedPermits#ask(int, int, int, SharedPermits.Answer)}. */
record Ask(int least, int count, int leave, SharedPermits.Answer answer) {}
