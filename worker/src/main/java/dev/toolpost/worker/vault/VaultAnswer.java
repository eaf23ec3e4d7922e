package dev.toolpost.worker.vault;

import tools.jackson.databind.JsonNode;

/**
 * What Vault answered, as far as a caller has to decide: 200, 204, 400, 404. May hold secrets; cannot print itself.
 *
 * @param body missing where there was none
 * @param afterDoubt whether the same request was sent before without an answer, and may have been carried out then
 */
public record VaultAnswer(int status, JsonNode body, boolean afterDoubt) {

    /** Whether it says why; a 404 that does not means that nothing is stored at the path. */
    public boolean hasErrors() {
        return !body.path("errors").isEmpty();
    }

    @Override
    public String toString() {
        return "VaultAnswer[" + status + "]";
    }
}
