package dev.toolpost.scheduler;

import dev.toolpost.scheduler.feature.Feature;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription;

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

    /** The nodes of each part and the topics that it reads: what work there is for a group to place. The same from one start to the next. */
    static String outline(Topology topology) {
        SortedSet<String> nodes = new TreeSet<>();
        for (TopologyDescription.Subtopology part : topology.describe().subtopologies()) {
            for (TopologyDescription.Node node : part.nodes()) {
                nodes.add(part.id() + " " + node.name());
                if (node instanceof TopologyDescription.Source source && source.topicSet() != null) {
                    source.topicSet().forEach(topic -> nodes.add(part.id() + " reads " + topic));
                }
            }
        }
        return String.join("\n", nodes);
    }
}
