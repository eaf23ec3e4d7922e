/** Access tokens of OAuth 2.0 grants: who refreshes them, when, and what follows where that fails. */
@NullMarked
package dev.toolpost.worker.oauth;

import org.jspecify.annotations.NullMarked;
