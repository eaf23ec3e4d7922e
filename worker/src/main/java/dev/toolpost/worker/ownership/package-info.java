@NullMarked
package dev.toolpost.worker.ownership;

import org.jspecify.annotations.NullMarked;
