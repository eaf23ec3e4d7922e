/** What one part of the scheduler (deferrals, jobs, schedules) looks like to the process that runs all of them. */
@NullMarked
package dev.toolpost.scheduler.feature;

import org.jspecify.annotations.NullMarked;
