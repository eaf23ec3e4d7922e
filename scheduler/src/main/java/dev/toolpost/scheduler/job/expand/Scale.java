package dev.toolpost.scheduler.job.expand;

import tools.jackson.databind.JsonNode;

/** A range with a step, counted from its beginning. Immutable. */
sealed interface Scale permits WholeNumbers, Times {

    /** Values from the beginning to the end, which is one of them where a step hits it. */
    long points();

    /** Stretches that it takes to reach the end. */
    long windows();

    /** The value of this number. */
    JsonNode point(long index);

    /** The value of this number, or the end where that comes before. */
    JsonNode pointOrEnd(long index);

    /** The smallest unit before the value of this number, or the end where that comes before. */
    JsonNode lastBefore(long index);
}
