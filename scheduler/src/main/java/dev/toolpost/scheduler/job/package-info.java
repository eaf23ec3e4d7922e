/** Jobs: large fetches, cut into parts that workers carry out, followed until their end. */
@NullMarked
package dev.toolpost.scheduler.job;

import org.jspecify.annotations.NullMarked;
