/** Views of a result other than the vendor's own: records mapped to a common model by the connector's expression. Pure. */
@NullMarked
package dev.toolpost.worker.view;

import org.jspecify.annotations.NullMarked;
