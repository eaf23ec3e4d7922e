/** What the scheduler's tests with a broker share: scheduler processes, and a count of what becomes of deferrals. */
@NullMarked
package dev.toolpost.scheduler.rig;

import org.jspecify.annotations.NullMarked;
