package dev.toolpost.worker.vault;

import java.time.Duration;

/** Waits; a test's own moves its clock instead. */
@FunctionalInterface
interface Pause {

    void of(Duration time) throws InterruptedException;
}
