package dev.toolpost.scheduler.job.expand;

import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Arguments that differ from part to part, and the values they take one after another. Immutable. */
sealed interface Axis {

    /** How many values there are; at least one. */
    long size();

    /** Puts the value of this number, from 0, into a part's arguments. */
    void put(ObjectNode arguments, long index);

    /** Names of the arguments. */
    List<String> names();

    /** Where, below this axis, the value of this number comes from: a JSON pointer, empty where it follows from all that is there. */
    String place(String name, long index);

    /** Values that were listed. */
    record Listed(String name, List<JsonNode> values) implements Axis {
        @Override
        public String place(String argument, long index) {
            return "/" + index;
        }

        public Listed {
            values = List.copyOf(values);
        }

        @Override
        public long size() {
            return values.size();
        }

        @Override
        public void put(ObjectNode arguments, long index) {
            arguments.set(name, values.get(Math.toIntExact(index)).deepCopy());
        }

        @Override
        public List<String> names() {
            return List.of(name);
        }
    }

    /** Values of a range, its end among them where a step hits it. */
    record Points(String name, Scale scale) implements Axis {
        @Override
        public String place(String argument, long index) {
            return index == 0 ? "/from" : index == size() - 1 ? "/to" : "";
        }

        @Override
        public long size() {
            return scale.points();
        }

        @Override
        public void put(ObjectNode arguments, long index) {
            arguments.set(name, scale.point(index));
        }

        @Override
        public List<String> names() {
            return List.of(name);
        }
    }

    /**
     * Stretches of a range that touch each other: two arguments, where one begins and where it ends.
     *
     * @param inclusive whether the end of a stretch belongs to it, as vendors have it that ask for whole days; else it is where the next
     *     one begins
     */
    record Windows(String from, String to, Scale scale, boolean inclusive) implements Axis {
        @Override
        public String place(String argument, long index) {
            return argument.equals(from) && index == 0
                    ? "/from"
                    : argument.equals(to) && index == size() - 1 ? "/to" : "";
        }

        public Windows {
            Objects.requireNonNull(scale);
        }

        @Override
        public long size() {
            return inclusive ? scale.points() : Math.max(1, scale.windows());
        }

        @Override
        public void put(ObjectNode arguments, long index) {
            arguments.set(from, scale.point(index));
            arguments.set(to, inclusive ? scale.lastBefore(index + 1) : scale.pointOrEnd(index + 1));
        }

        @Override
        public List<String> names() {
            return List.of(from, to);
        }
    }
}
