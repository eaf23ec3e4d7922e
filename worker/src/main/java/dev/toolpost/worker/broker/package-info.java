/** The Kafka clients of a worker and how each is set up. */
@NullMarked
package dev.toolpost.worker.broker;

import org.jspecify.annotations.NullMarked;
