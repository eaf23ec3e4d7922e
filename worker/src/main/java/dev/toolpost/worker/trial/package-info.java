/** One request of a connector that is being written, made without Kafka, and how its answer is understood. */
@NullMarked
package dev.toolpost.worker.trial;

import org.jspecify.annotations.NullMarked;
