/** The contract of Toolpost: messages, their JSON and Avro forms, topic names and topic layout. */
@NullMarked
package dev.toolpost.schemas;

import org.jspecify.annotations.NullMarked;
