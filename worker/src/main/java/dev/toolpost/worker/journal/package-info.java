@NullMarked
package dev.toolpost.worker.journal;

import org.jspecify.annotations.NullMarked;
