@NullMarked
package dev.toolpost.client;

import org.jspecify.annotations.NullMarked;
