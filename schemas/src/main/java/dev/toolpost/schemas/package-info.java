@NullMarked
package dev.toolpost.schemas;

import org.jspecify.annotations.NullMarked;
