/** Connections of customers at vendors, and the secrets that open them. */
@NullMarked
package dev.toolpost.worker.credentials;

import org.jspecify.annotations.NullMarked;
