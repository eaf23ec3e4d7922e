/** The beginning of a connector of one's own. */
@NullMarked
package dev.toolpost.connectors.skeleton;

import org.jspecify.annotations.NullMarked;
