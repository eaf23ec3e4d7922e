package dev.toolpost.worker.oauth;

/** Says whether this worker still owns the connection; asked right before a token request. */
@FunctionalInterface
public interface Ownership {

    /** Whether it does, proven by the group coordinator a moment ago; may wait for such a proof. */
    boolean isProven() throws InterruptedException;
}
