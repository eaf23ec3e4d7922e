/** Whether a job can be taken on, and if not, why. Knows nothing of Kafka. */
@NullMarked
package dev.toolpost.scheduler.job.accept;

import org.jspecify.annotations.NullMarked;
