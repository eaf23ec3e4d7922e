package dev.toolpost.sandbox;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What a described vendor's headers and refusals may say about its limits. */
final class DescribedLimits {

    ReplyValues put(ReplyValues values, VendorLimit limit, Room room, long nowMillis) {
        long resetMillis = nowMillis + room.waitMillis();
        return values.put("limit_name", limit.name())
                .put("limit", limit.permits())
                .put("remaining", room.remaining())
                .put("used", limit.permits() - (long) room.remaining())
                .put("wait_s", room.waitSeconds())
                .put("wait_ms", room.waitMillis())
                .put("reset_s", (resetMillis + 999) / 1000)
                .put("reset_ms", resetMillis)
                .put(
                        "reset",
                        Instant.ofEpochMilli(resetMillis + 999)
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString());
    }

    /** For refusals that no limit stands behind. */
    ReplyValues putUnknown(ReplyValues values, long nowMillis) {
        return values.put("limit_name", "unknown")
                .put("limit", 0)
                .put("remaining", 0)
                .put("used", 0)
                .put("wait_s", 1)
                .put("wait_ms", 1000)
                .put("reset_s", nowMillis / 1000 + 1)
                .put("reset_ms", nowMillis + 1000)
                .put(
                        "reset",
                        Instant.ofEpochMilli(nowMillis + 1000)
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString());
    }
}
