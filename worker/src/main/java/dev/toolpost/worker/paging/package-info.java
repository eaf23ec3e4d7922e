/** Sealed cursors: the opaque place in a traversal that an agent sends back. */
@NullMarked
package dev.toolpost.worker.paging;

import org.jspecify.annotations.NullMarked;
