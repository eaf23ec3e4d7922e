@NullMarked
package dev.toolpost.worker.health;

import org.jspecify.annotations.NullMarked;
