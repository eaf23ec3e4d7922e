/** Pages about connectors for people, made of the definitions. */
@NullMarked
package dev.toolpost.connectors.reference;

import org.jspecify.annotations.NullMarked;
