package dev.toolpost.scheduler;

import dev.toolpost.scheduler.feature.Feature;
import java.util.List;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;

/**
 * All features as one topology. Each is a sub-topology, numbered in the order of the list, and the number is part of the names of its tasks'
 * directories: a new feature goes to the end, so that those before it find their state again.
 */
final class SchedulerTopology {

    private SchedulerTopology() {}

    static Topology of(List<? extends Feature> features) {
        StreamsBuilder builder = new StreamsBuilder();
        features.forEach(feature -> feature.addTo(builder));
        return builder.build();
    }
}
