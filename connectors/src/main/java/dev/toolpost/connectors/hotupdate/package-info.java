/** Definitions of connectors that take effect while workers and schedulers run: from files, and signed from a topic. */
@NullMarked
package dev.toolpost.connectors.hotupdate;

import org.jspecify.annotations.NullMarked;
