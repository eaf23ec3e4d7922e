/** What becomes of a job: its state and that of its parts, and what follows from a command, an event or the time. Knows nothing of Kafka. */
@NullMarked
package dev.toolpost.scheduler.job.state;

import org.jspecify.annotations.NullMarked;
