/** Schema registry client for registries that speak Confluent's REST API. */
@NullMarked
package dev.toolpost.schemas.registry;

import org.jspecify.annotations.NullMarked;
