/** Which parts of which jobs go to workers next: bounded for each connection and vendor, tenants in turn. */
@NullMarked
package dev.toolpost.scheduler.job.dispatch;

import org.jspecify.annotations.NullMarked;
