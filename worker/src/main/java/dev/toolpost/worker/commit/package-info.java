@NullMarked
package dev.toolpost.worker.commit;

import org.jspecify.annotations.NullMarked;
