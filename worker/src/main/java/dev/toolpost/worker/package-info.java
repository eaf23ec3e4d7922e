@NullMarked
package dev.toolpost.worker;

import org.jspecify.annotations.NullMarked;
