/**
 * Makes a connector of an OpenAPI document: what can be read from it becomes tools, what can only be guessed is marked, and what cannot
 * be expressed is left out with the reason.
 */
@NullMarked
package dev.toolpost.connectors.openapi;

import org.jspecify.annotations.NullMarked;
