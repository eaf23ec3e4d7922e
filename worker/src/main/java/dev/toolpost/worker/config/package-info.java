/** The configuration: one YAML file and environment variables, read into records once at start. */
@NullMarked
package dev.toolpost.worker.config;

import org.jspecify.annotations.NullMarked;
