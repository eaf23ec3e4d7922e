/** Durable time and durable bulk over Kafka Streams: deferrals, jobs, recurring schedules. */
@NullMarked
package dev.toolpost.scheduler;

import org.jspecify.annotations.NullMarked;
