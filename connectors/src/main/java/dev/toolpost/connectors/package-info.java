@NullMarked
package dev.toolpost.connectors;

import org.jspecify.annotations.NullMarked;
