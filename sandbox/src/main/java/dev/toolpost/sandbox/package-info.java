@NullMarked
package dev.toolpost.sandbox;

import org.jspecify.annotations.NullMarked;
