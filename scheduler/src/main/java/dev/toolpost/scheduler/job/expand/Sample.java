package dev.toolpost.scheduler.job.expand;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Arguments of some part of a job, and where in the job they stand. Immutable, as long as nobody changes its node.
 *
 * @param arguments the caller's own
 * @param axes of the job
 * @param moved number of the axis that has another value than its first; -1 for none
 * @param index number of its value
 */
public record Sample(ObjectNode arguments, List<Axis> axes, int moved, long index) {

    private static final String ARGUMENTS = "/job/arguments";

    /**
     * Where in the command a value stands that these arguments were made of.
     *
     * @param pointer JSON pointer into the arguments; empty for all of them
     */
    public String place(String pointer) {
        if (pointer.isEmpty()) {
            return ARGUMENTS;
        }
        int end = pointer.indexOf('/', 1);
        String name = unescaped(pointer.substring(1, end < 0 ? pointer.length() : end));
        for (int i = 0; i < axes.size(); i++) {
            Axis axis = axes.get(i);
            if (axis.names().contains(name)) {
                String place = ExpansionReader.pathOf(String.join(",", axis.names()))
                        + axis.place(name, i == moved ? index : 0);
                return end < 0 ? place : place + pointer.substring(end);
            }
        }
        return ARGUMENTS + pointer;
    }

    private static String unescaped(String segment) {
        return segment.replace("~1", "/").replace("~0", "~");
    }
}
