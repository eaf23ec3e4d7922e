package dev.toolpost.sandbox;

import java.util.Map;

/**
 * What a simulated vendor has seen since it started or was reset.
 *
 * @param requests all but those to the control endpoints
 * @param violations requests over a rate limit (each was answered 429)
 * @param unauthorized requests with no, an unknown or an expired token
 * @param faults how often an injected fault happened
 * @param writes writes that were carried out, or refused as duplicates of an existing record
 * @param repeatedWrites by "operation collection marker" those that came more than once; the marker is the unique property's or the record's name, for
 *     changes the id
 * @param cpuMillis processor time of the vendor's thread since it started
 */
public record VendorStats(
        long requests,
        long violations,
        long unauthorized,
        long faults,
        long writes,
        Map<String, Long> byRoute,
        Map<String, Long> byToken,
        Map<Integer, Long> byStatus,
        Map<String, Integer> repeatedWrites,
        long cpuMillis) {}
