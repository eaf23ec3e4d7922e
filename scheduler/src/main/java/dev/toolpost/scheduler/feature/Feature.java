package dev.toolpost.scheduler.feature;

import org.apache.kafka.streams.StreamsBuilder;

/**
 * One part of the scheduler: a sub-topology of its own, what it shows to people, and what it must close. Made once for each process;
 * {@link #addTo} comes first, {@link #attach} before the streams start.
 */
public interface Feature extends AutoCloseable {

    /**
     * Adds sources, stores, processors and sinks. Every store gets a builder of its own.
     *
     * <p>Called once. Names of stores and processors stay what they are for ever: topics and directories are named after them.
     */
    void addTo(StreamsBuilder builder);

    /** Adds what is shown: paths of the HTTP server, meters. */
    void attach(Surroundings surroundings);

    /** Ends threads and clients of its own. The streams are closed before. */
    @Override
    default void close() {}
}
