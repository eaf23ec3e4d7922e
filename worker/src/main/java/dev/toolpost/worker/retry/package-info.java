/** Whether, when and how often to try again: pure decisions, the retry budget and the circuit breaker. */
@NullMarked
package dev.toolpost.worker.retry;

import org.jspecify.annotations.NullMarked;
