/** Signed definitions: the statement that is signed, the keys, and what a record has to prove before its definition counts. */
@NullMarked
package dev.toolpost.connectors.signing;

import org.jspecify.annotations.NullMarked;
