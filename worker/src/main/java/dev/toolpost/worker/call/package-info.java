@NullMarked
package dev.toolpost.worker.call;

import org.jspecify.annotations.NullMarked;
