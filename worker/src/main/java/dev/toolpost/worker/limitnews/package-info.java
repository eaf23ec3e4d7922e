/** Workers tell each other what vendors' answers say about limits that all connections share. */
@NullMarked
package dev.toolpost.worker.limitnews;

import org.jspecify.annotations.NullMarked;
