/** Building the vendor's request from a tool, its arguments and the connection; canonical form of arguments. */
@NullMarked
package dev.toolpost.worker.request;

import org.jspecify.annotations.NullMarked;
