/** Durable time: records that are delivered when they are due, each once. */
@NullMarked
package dev.toolpost.scheduler.deferral;

import org.jspecify.annotations.NullMarked;
