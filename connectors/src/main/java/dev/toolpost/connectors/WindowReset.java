package dev.toolpost.connectors;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;

/**
 * When a daily window begins anew. Immutable and pure.
 *
 * @param at the time of day
 * @param zone whose clock shows it
 */
public record WindowReset(LocalTime at, ZoneId zone) {

    /** The next one after a moment; on days whose clocks change, when the time of day comes or would have come. */
    public Instant after(Instant moment) {
        ZonedDateTime here = moment.atZone(zone);
        ZonedDateTime next = here.toLocalDate().atTime(at).atZone(zone);
        if (!next.isAfter(here)) {
            next = here.toLocalDate().plusDays(1).atTime(at).atZone(zone);
        }
        return next.toInstant();
    }
}
