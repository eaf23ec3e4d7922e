package dev.toolpost.sandbox;

import java.util.Map;

/**
 * What a vendor's token endpoint has seen since it started or was reset.
 *
 * @param all every token request, also of unknown grants
 * @param byGrant by the grant's id
 */
public record OAuthStats(Counts all, Map<String, Counts> byGrant) {

    /**
     * Token requests.
     *
     * @param asked all that arrived, also those that a fault kept from being processed
     * @param granted those that were given tokens, whether or not the answer arrived
     * @param refused those that were processed and given none
     * @param reused rotated refresh tokens that came again after the leeway; the first one revokes the grant
     * @param replayed rotated refresh tokens that came again within the leeway and were granted
     */
    public record Counts(long asked, long granted, long refused, long reused, long replayed) {
        public static final Counts NONE = new Counts(0, 0, 0, 0, 0);
    }

    /** Of one grant. */
    public Counts of(String grantId) {
        return byGrant.getOrDefault(grantId, Counts.NONE);
    }
}
