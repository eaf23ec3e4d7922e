package dev.toolpost.benchmarks;

import dev.toolpost.sandbox.SimulatedVendor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The list read by a plain script, {@code traverse.py}: one connection that is kept, JSON parsed, records counted. */
final class PythonLoop {

    private static final String SCRIPT = "traverse.py";

    private final String python;
    private final Path script;

    private PythonLoop(String python, Path script) {
        this.python = python;
        this.script = script;
    }

    /** Whether such an interpreter is here; says which one. */
    static boolean isThere(String python) {
        try {
            System.out.print(Commands.run(python, "--version"));
            return true;
        } catch (UncheckedIOException missing) {
            System.out.println(python + " is not here: the worker is measured alone (--python=PATH names one)");
            return false;
        }
    }

    static PythonLoop in(Path directory, String python) throws IOException {
        Path script = directory.resolve(SCRIPT);
        try (var source = PythonLoop.class.getResourceAsStream("/" + SCRIPT)) {
            if (source == null) {
                throw new IllegalStateException(SCRIPT + " is not on the class path");
            }
            Files.write(script, source.readAllBytes());
        }
        return new PythonLoop(python, script);
    }

    /** Reads so many pages; the seconds that it took without the start of the interpreter. */
    double run(Stage stage, int pages) {
        String[] said = Commands.run(
                        python,
                        script.toString(),
                        stage.vendor().uri().toString(),
                        SimulatedVendor.DEFAULT_TOKEN,
                        ListWalk.path(),
                        Integer.toString(pages))
                .strip()
                .split(" ", -1);
        if (Long.parseLong(said[1]) != (long) pages * ListWalk.PAGE) {
            throw new IllegalStateException("the Python loop read " + said[1] + " records");
        }
        return Double.parseDouble(said[2]);
    }
}
