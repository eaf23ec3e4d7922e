/** Schedules: when a job or call that recurs is due, what becomes of missed and overlapping runs, and the runs themselves. */
@NullMarked
package dev.toolpost.scheduler.schedule;

import org.jspecify.annotations.NullMarked;
