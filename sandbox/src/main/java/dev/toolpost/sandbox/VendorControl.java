package dev.toolpost.sandbox;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Looks into a simulated vendor and makes it fail, in this process or from another. Thread-safe. */
public interface VendorControl {

    /** What a connector takes as its base URL. */
    URI uri();

    VendorStats stats();

    /** The last requests, oldest first; at most 65,536 are remembered. */
    List<Arrival> arrivals(int last);

    /**
     * How often a write was carried out or refused as a duplicate: 2 means that somebody wrote twice.
     *
     * @param operation {@code create}, {@code update}, {@code archive} or {@code upsert}
     * @param marker for creations and upserts the unique property (a contact's e-mail) or the name (a deal's), otherwise the id
     */
    int writes(String operation, String collection, String marker);

    /** Makes requests fail from now on; returns an id. */
    long inject(Fault fault);

    /** How often a fault happened, -1 when there is none of this id. */
    long happened(long faultId);

    void removeFault(long faultId);

    void clearFaults();

    /** Has the vendor know a token from now on. Each token has its own rate limit. */
    void token(String token, TokenState state);

    /** Has the vendor forget a token. */
    void removeToken(String token);

    /** Has the vendor know a new OAuth2 client and a grant for it, with its first tokens. The grant has its own rate limit. */
    OAuthGrant grant(GrantSpec spec);

    /** A grant as it is now, by its id. */
    OAuthGrant grant(String grantId);

    /** Ends all access tokens of all grants; their refresh tokens go on. */
    void expireTokens();

    /** Ends a grant with all its tokens, as a person does who removes an app. */
    void revoke(String grantId);

    /** What the token endpoint has seen. */
    OAuthStats oauth();

    /** Sets the clock by which tokens and cursors end ahead; rate limits do not notice. */
    void advanceClock(Duration by);

    /** Has records come and go while they are listed, from now on. */
    void churn(Churn churn);

    /** Remembers the last pages that are served, from now on; 0 for none, as at the start. */
    void logPages(int bound);

    /** The last pages that were served while they were remembered, oldest first. */
    List<ServedPage> pages(int last);

    /** Changes how many records a collection computes. */
    void records(String collection, long count);

    /**
     * Has a limit allow another number from now on, for all accounts; what they have used stays used.
     *
     * @param limit its name, or empty for the vendor's first
     */
    void limit(String limit, int permits);

    /** Forgets counts, faults, churn, served pages, created and changed records, and the windows of the limits; tokens and grants stay. */
    void reset();
}
