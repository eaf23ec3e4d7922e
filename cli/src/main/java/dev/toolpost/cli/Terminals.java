package dev.toolpost.cli;

/** Which of this process's streams a person looks at. */
final class Terminals {
    /** The launcher says by it which streams are terminals, because Java can tell only for all of them together. */
    private static final String PROPERTY = "toolpost.terminals";

    private Terminals() {}

    static boolean out() {
        return is("out");
    }

    static boolean err() {
        return is("err");
    }

    @SuppressWarnings("SystemConsoleNull") // JDK 25 went back to null where there is no terminal
    private static boolean is(String stream) {
        String said = System.getProperty(PROPERTY);
        if (said != null) {
            return said.contains(stream);
        }
        return System.console() != null && System.console().isTerminal();
    }
}
