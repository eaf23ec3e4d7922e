/** From a job to its parts: which connection and which arguments each has, told from the part's number alone. */
@NullMarked
package dev.toolpost.scheduler.job.expand;

import org.jspecify.annotations.NullMarked;
