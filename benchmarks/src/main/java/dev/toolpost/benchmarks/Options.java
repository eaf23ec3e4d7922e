package dev.toolpost.benchmarks;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** {@code --quick} and {@code --name=value} of the command line. Not thread-safe. */
final class Options {

    private final Map<String, String> given = new HashMap<>();
    private final TreeSet<String> known = new TreeSet<>();
    private final boolean quick;

    private Options(boolean quick) {
        this.quick = quick;
    }

    /**
     * Reads what was given.
     *
     * @throws IllegalArgumentException for what does not begin with {@code --}
     */
    static Options parse(List<String> args) {
        Options options = new Options(args.contains("--quick"));
        for (String arg : args) {
            if (!arg.startsWith("--")) {
                throw new IllegalArgumentException(arg + " (expected: --quick, --full or --name=value)");
            }
            String[] parts = arg.substring(2).split("=", 2);
            if (!parts[0].equals("quick") && !parts[0].equals("full")) {
                options.given.put(parts[0], parts.length == 1 ? "true" : parts[1]);
            }
        }
        return options;
    }

    boolean quick() {
        return quick;
    }

    /** A number, with what it is at either scale when it is not given. */
    int number(String name, int quickly, int fully) {
        known.add(name);
        String text = given.get(name);
        try {
            return text == null ? (quick ? quickly : fully) : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--" + name + "=" + text + " (expected: a whole number)", e);
        }
    }

    String text(String name, String otherwise) {
        known.add(name);
        return given.getOrDefault(name, otherwise);
    }

    /** Called when all options were asked for: what is left is a slip of the pen. */
    void refuseOthers() {
        for (String name : given.keySet()) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("--" + name + " (expected: of " + known + ", --quick or --full)");
            }
        }
    }
}
