@NullMarked
package dev.toolpost.worker.ledger;

import org.jspecify.annotations.NullMarked;
