@NullMarked
package dev.toolpost.worker.intake;

import org.jspecify.annotations.NullMarked;
