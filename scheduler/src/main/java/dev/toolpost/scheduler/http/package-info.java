/** The scheduler's HTTP server: a small router, and questions to the other instances. */
@NullMarked
package dev.toolpost.scheduler.http;

import org.jspecify.annotations.NullMarked;
