package dev.toolpost.scheduler.job.state;

import java.util.Locale;

/** What a job came to, in a sentence. */
final class Summary {

    private Summary() {}

    static String of(JobHead head, long nowMillis) {
        long records = head.delivered().records();
        StringBuilder text = new StringBuilder()
                .append(head.tally().done())
                .append(" of ")
                .append(head.parts())
                .append(" parts, ")
                .append(records)
                .append(" records in ")
                .append(head.delivered().pages())
                .append(" pages");
        Long started = head.startedMillis();
        if (started != null) {
            long took = Math.max(1, nowMillis - started);
            text.append(" within ")
                    .append(seconds(took))
                    .append(String.format(Locale.ROOT, " (%.1f a second)", records * 1_000.0 / took));
        }
        if (head.tally().failed() > 0) {
            text.append("; ").append(head.tally().failed()).append(" failed");
        }
        if (head.state() == JobState.CANCELLED) {
            text.append("; ").append(head.parts() - head.ended()).append(" cancelled or never begun");
        }
        return text.toString();
    }

    static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
    }
}
