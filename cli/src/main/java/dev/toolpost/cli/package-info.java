@NullMarked
package dev.toolpost.cli;

import org.jspecify.annotations.NullMarked;
