/** Ends what schedulers that died left open, so that nobody waits for the brokers' time-outs. */
@NullMarked
package dev.toolpost.scheduler.fencing;

import org.jspecify.annotations.NullMarked;
