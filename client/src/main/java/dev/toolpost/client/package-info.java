/** The client for agents: publish calls, await replies, stream frames, cancel. */
@NullMarked
package dev.toolpost.client;

import org.jspecify.annotations.NullMarked;
