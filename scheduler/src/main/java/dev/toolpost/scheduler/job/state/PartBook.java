package dev.toolpost.scheduler.job.state;

import java.util.List;

/** The parts of one job, wherever they are kept. */
public interface PartBook {

    /** {@link PartState#NEW} where nothing was kept. */
    PartState get(int part);

    void put(int part, PartState state);

    /**
     * Numbers of parts in a phase, in ascending order.
     *
     * @param phase not {@link Phase#DONE} and not {@link Phase#CANCELLED}, which nobody looks for
     * @param first none before this one
     * @param most as many as that
     */
    List<Integer> in(Phase phase, int first, int most);
}
