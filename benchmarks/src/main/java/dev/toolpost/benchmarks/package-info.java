/** Measures Toolpost end to end beside other ways of doing the same, each in a process of its own, in one run. */
@NullMarked
package dev.toolpost.benchmarks;

import org.jspecify.annotations.NullMarked;
