/** What a vendor's answer means: pure functions from an HTTP outcome and the connector's rules to a verdict. */
@NullMarked
package dev.toolpost.worker.classify;

import org.jspecify.annotations.NullMarked;
