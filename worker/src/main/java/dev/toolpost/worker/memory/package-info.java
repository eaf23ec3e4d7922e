@NullMarked
package dev.toolpost.worker.memory;

import org.jspecify.annotations.NullMarked;
