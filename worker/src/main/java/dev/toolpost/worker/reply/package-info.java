@NullMarked
package dev.toolpost.worker.reply;

import org.jspecify.annotations.NullMarked;
