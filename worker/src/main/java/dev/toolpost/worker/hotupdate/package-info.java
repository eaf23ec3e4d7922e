/** Definitions of connectors that take effect while a worker runs: from files, and signed from a topic. */
@NullMarked
package dev.toolpost.worker.hotupdate;

import org.jspecify.annotations.NullMarked;
