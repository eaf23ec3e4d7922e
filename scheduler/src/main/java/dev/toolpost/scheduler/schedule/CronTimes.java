package dev.toolpost.scheduler.schedule;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The times of a cron expression in a time zone. Immutable, thread-safe.
 *
 * <p>The expression is matched against the clock on the wall, and a change of the clock is taken as cron on Debian takes it. Where minute
 * or hour begin with a star, the expression means a rhythm: it goes on through every hour that there is, so an hour that comes twice has
 * its runs twice, and one that is left out has none. Any other expression means times of the day: a time that comes twice counts at its
 * first coming, and times that are left out count as one, at the moment of the change.
 */
final class CronTimes implements Timing {
    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

    private static final String FIELDS =
            "five fields: minute, hour, day of month, month, day of week, such as 30 6 * * MON-FRI";
    private static final Pattern RHYTHM = Pattern.compile("(\\*\\S*\\s.*)|(\\S+\\s+\\*.*)");

    /** Of a rhythm: stretches without a change of the clock that are looked through; two a year are usual. */
    private static final int MOST_STRETCHES = 200;

    /** Of times of the day: those that count as past because they came already; an hour has 60. */
    private static final int MOST_REPEATED = 2_000;

    private final ExecutionTime times;
    private final ZoneRules rules;
    private final boolean rhythm;

    private CronTimes(ExecutionTime times, ZoneRules rules, boolean rhythm) {
        this.times = times;
        this.rules = rules;
        this.rhythm = rhythm;
    }

    /**
     * Reads an expression.
     *
     * @param zone a name of the IANA time zone database
     * @throws InvalidScheduleException where one of them is none, or no day ever matches
     */
    static CronTimes of(String expression, String zone) {
        String fields = expression.strip();
        Cron cron;
        ExecutionTime times;
        try {
            cron = PARSER.parse(fields).validate();
            times = ExecutionTime.forCron(cron);
        } catch (IllegalArgumentException wrong) {
            throw new InvalidScheduleException(
                    "cron: \"" + expression + "\" (expected: " + FIELDS + "): " + wrong.getMessage());
        }
        CronTimes made = new CronTimes(
                times, zone(zone).getRules(), RHYTHM.matcher(fields).matches());
        if (made.matchAfter(LocalDateTime.of(2000, 1, 1, 0, 0).minusSeconds(1)) == null) {
            throw new InvalidScheduleException(
                    "cron: \"" + expression + "\" never comes: no month has such a day (expected: " + FIELDS + ")");
        }
        return made;
    }

    private static ZoneId zone(String name) {
        if (ZoneId.getAvailableZoneIds().contains(name)) {
            return ZoneId.of(name);
        }
        String alike = ZoneId.getAvailableZoneIds().stream()
                .filter(each -> each.toLowerCase(Locale.ROOT)
                        .endsWith(name.strip().replace(' ', '_').toLowerCase(Locale.ROOT)))
                .filter(_ -> !name.isBlank())
                .sorted()
                .findFirst()
                .map(each -> "; " + each + "?")
                .orElse("");
        throw new InvalidScheduleException("time_zone: \"" + name
                + "\" (expected: a name of the IANA time zone database, such as Europe/Berlin or UTC" + alike + ")");
    }

    @Override
    public @Nullable Instant after(Instant time) {
        return rhythm ? nextOfRhythm(time) : nextOfDay(time);
    }

    private @Nullable Instant nextOfDay(Instant time) {
        LocalDateTime from = LocalDateTime.ofInstant(time, rules.getOffset(time));
        for (int i = 0; i < MOST_REPEATED; i++) {
            LocalDateTime match = matchAfter(from);
            if (match == null) {
                return null;
            }
            Instant at = firstComing(match);
            if (at.isAfter(time)) {
                return at;
            }
            from = match;
        }
        return null;
    }

    private Instant firstComing(LocalDateTime match) {
        ZoneOffsetTransition change = rules.getTransition(match);
        return change == null
                ? match.toInstant(rules.getOffset(match))
                : change.isGap() ? change.getInstant() : match.toInstant(change.getOffsetBefore());
    }

    private @Nullable Instant nextOfRhythm(Instant time) {
        Instant from = time;
        ZoneOffset offset = rules.getOffset(time);
        LocalDateTime match = matchAfter(LocalDateTime.ofInstant(from, offset));
        for (int i = 0; i < MOST_STRETCHES && match != null; i++) {
            Instant at = match.toInstant(offset);
            ZoneOffsetTransition change = rules.nextTransition(from);
            if (change == null || at.isBefore(change.getInstant())) {
                return at;
            }
            from = change.getInstant();
            offset = change.getOffsetAfter();
            match = matchAfter(LocalDateTime.ofInstant(from, offset).minusNanos(1));
        }
        return null;
    }

    /** The next time on a wall's clock that never changes. */
    private @Nullable LocalDateTime matchAfter(LocalDateTime time) {
        Optional<ZonedDateTime> next = times.nextExecution(time.atZone(ZoneOffset.UTC));
        return next.map(ZonedDateTime::toLocalDateTime).orElse(null);
    }
}
