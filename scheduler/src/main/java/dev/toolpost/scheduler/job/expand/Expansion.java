package dev.toolpost.scheduler.job.expand;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * The parts of a job: every connection with every combination of values, numbered from 0. Which part a number means follows from the
 * number alone, so nothing is stored of parts that were not begun. The connection changes fastest, so that a job spreads over its
 * connections from the start; of the arguments the last one named does. Immutable; thread-safe as long as nobody changes its nodes.
 */
public final class Expansion {

    private final List<String> connections;
    private final ObjectNode arguments;
    private final List<Axis> axes;
    private final int parts;

    Expansion(List<String> connections, ObjectNode arguments, List<Axis> axes, int parts) {
        this.connections = List.copyOf(connections);
        this.arguments = arguments;
        this.axes = List.copyOf(axes);
        this.parts = parts;
    }

    /** How many parts there are; at least one. */
    public int parts() {
        return parts;
    }

    /** The connection of a part. */
    public String connection(int part) {
        return connections.get(check(part) % connections.size());
    }

    /** The arguments of a part; the caller's own. */
    public ObjectNode arguments(int part) {
        ObjectNode filled = arguments.deepCopy();
        long combination = check(part) / connections.size();
        long slower = parts / connections.size();
        for (Axis axis : axes) {
            slower /= axis.size();
            axis.put(filled, combination / slower % axis.size());
        }
        return filled;
    }

    /**
     * Arguments in which every listed value and both ends of every range occur at least once: what is wrong in any combination is, as far
     * as a schema looks at one argument at a time, wrong in one of these. Each is made when it is asked for: all of them together can be
     * large out of proportion.
     */
    public Stream<Sample> samples() {
        return Stream.concat(
                Stream.of(new Sample(arguments(0), axes, -1, 0)),
                IntStream.range(0, axes.size()).boxed().flatMap(this::samples));
    }

    private Stream<Sample> samples(int number) {
        Axis axis = axes.get(number);
        long step = axis instanceof Axis.Listed ? 1 : Math.max(1, axis.size() - 1);
        return LongStream.iterate(step, index -> index < axis.size(), index -> index + step)
                .mapToObj(index -> {
                    ObjectNode sample = arguments(0);
                    axis.put(sample, index);
                    return new Sample(sample, axes, number, index);
                });
    }

    private int check(int part) {
        if (part < 0 || part >= parts) {
            throw new IllegalArgumentException("part: " + part + " (expected: 0 to " + (parts - 1) + ")");
        }
        return part;
    }
}
