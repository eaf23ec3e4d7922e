/** Time as the brokers have it. */
@NullMarked
package dev.toolpost.scheduler.clock;

import org.jspecify.annotations.NullMarked;
