/** What the scheduler writes: one sink for records to topics that only their content tells. */
@NullMarked
package dev.toolpost.scheduler.out;

import org.jspecify.annotations.NullMarked;
