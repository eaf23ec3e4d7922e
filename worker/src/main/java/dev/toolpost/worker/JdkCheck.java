package dev.toolpost.worker;

import org.jspecify.annotations.Nullable;

/**
 * Refuses a Java that a worker must not run on: older than 25.0.3, where a virtual thread can stay parked for good
 * (JDK-8369227) and its call with it.
 */
public final class JdkCheck {
    static final Runtime.Version OLDEST = Runtime.Version.parse("25.0.3");

    private JdkCheck() {}

    /**
     * Checks the Java that runs this.
     *
     * @throws IllegalStateException when it is too old; the message says what to install
     */
    public static void require() {
        String problem = problem(Runtime.version());
        if (problem != null) {
            throw new IllegalStateException(problem);
        }
    }

    /** What is wrong with a version, or null when it is new enough. */
    static @Nullable String problem(Runtime.Version version) {
        if (version.compareToIgnoreOptional(OLDEST) >= 0) {
            return null;
        }
        return "Java " + version + " is too old (expected: " + OLDEST + " or newer, because of JDK-8369227: on older"
                + " builds a virtual thread can stay parked and its call hangs). Install a current JDK 25 and set"
                + " JAVA_HOME to it.";
    }
}
