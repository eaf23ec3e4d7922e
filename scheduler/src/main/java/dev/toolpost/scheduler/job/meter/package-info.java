/** What meters say of jobs. */
@NullMarked
package dev.toolpost.scheduler.job.meter;

import org.jspecify.annotations.NullMarked;
