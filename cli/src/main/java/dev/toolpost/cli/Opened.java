package dev.toolpost.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was opened and is to be closed in the reverse order, whatever goes wrong with some of it. Thread-safe. */
final class Opened implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Opened.class);

    private final Deque<AutoCloseable> stack = new ArrayDeque<>();

    synchronized void add(AutoCloseable one) {
        stack.push(one);
    }

    private synchronized @Nullable AutoCloseable next() {
        return stack.poll();
    }

    /** Closes each once, also when several threads do this at the same time. */
    @Override
    public void close() {
        for (AutoCloseable one = next(); one != null; one = next()) {
            try {
                one.close();
            } catch (Exception e) {
                LOG.warn("Could not be stopped cleanly: {}", one, e);
            }
        }
    }
}
