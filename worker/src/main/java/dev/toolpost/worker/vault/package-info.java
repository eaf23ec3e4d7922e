/** HashiCorp Vault and OpenBao as they are talked to: login, renewal, retries. Knows nothing of what is kept there. */
@NullMarked
package dev.toolpost.worker.vault;

import org.jspecify.annotations.NullMarked;
