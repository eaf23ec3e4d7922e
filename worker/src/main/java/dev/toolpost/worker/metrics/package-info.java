/** What a worker counts and measures, and how it shows that to a monitoring system. */
@NullMarked
package dev.toolpost.worker.metrics;

import org.jspecify.annotations.NullMarked;
