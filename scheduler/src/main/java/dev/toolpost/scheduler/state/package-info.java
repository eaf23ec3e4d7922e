/** How the streams keep their state: RocksDB within a bound, changelogs that stay small, progress of a restore. */
@NullMarked
package dev.toolpost.scheduler.state;

import org.jspecify.annotations.NullMarked;
