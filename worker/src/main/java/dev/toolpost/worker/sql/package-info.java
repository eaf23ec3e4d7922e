/** Executes statements at vendors that are databases: pools of connections, transactions, and rows as JSON. */
@NullMarked
package dev.toolpost.worker.sql;

import org.jspecify.annotations.NullMarked;
