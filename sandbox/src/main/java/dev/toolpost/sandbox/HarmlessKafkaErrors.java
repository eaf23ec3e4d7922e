package dev.toolpost.sandbox;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps out of a log what Kafka tells as an error and mends by itself, and nothing else of the same loggers:
 *
 * <ul>
 *   <li>the broker refuses the first records of a transaction that begins while the markers of the one before are being written, and those that
 *       were sent right behind them; the producer sends them again;
 *   <li>Kafka Streams finds state that a kill left behind ({@code TaskCorruptedException}) and restores it.
 * </ul>
 *
 * <p>For a Logback appender's {@code filter}. Thread-safe.
 */
public final class HarmlessKafkaErrors extends Filter<ILoggingEvent> {

    private static final String BROKER = "kafka.server.ReplicaManager";
    private static final String TASKS = "org.apache.kafka.streams.processor.internals.TaskManager";
    private static final String ERRORS = "org.apache.kafka.common.errors.";
    private static final Pattern FAILURE = Pattern.compile("=\\s*[\\w.$]+\\.(\\w+(?:Exception|Error))\\b");

    private @Nullable String unless;

    /** With any text but an empty one nothing is kept out: for who asked for a fuller log. */
    public void setUnless(String text) {
        unless = text;
    }

    @Override
    public FilterReply decide(ILoggingEvent event) {
        boolean asked = unless != null && !unless.isEmpty();
        return !asked && event.getLevel() == Level.ERROR && isHarmless(event) ? FilterReply.DENY : FilterReply.NEUTRAL;
    }

    private static boolean isHarmless(ILoggingEvent event) {
        return switch (event.getLoggerName()) {
            case BROKER -> isOfBetweenTransactions(event.getThrowableProxy());
            case TASKS -> areAllCorrupted(event.getFormattedMessage());
            default -> false;
        };
    }

    private static boolean isOfBetweenTransactions(@Nullable IThrowableProxy failure) {
        if (failure == null) {
            return false;
        }
        return switch (failure.getClassName()) {
            case ERRORS + "ConcurrentTransactionsException" -> true;
            case ERRORS + "OutOfOrderSequenceException" ->
                String.valueOf(failure.getMessage()).contains("idempotent producer with no existing state");
            default -> false;
        };
    }

    private static boolean areAllCorrupted(String message) {
        if (!message.contains("Get exceptions for the following tasks:")) {
            return false;
        }
        Matcher failures = FAILURE.matcher(message);
        boolean any = false;
        while (failures.find()) {
            if (!failures.group(1).equals("TaskCorruptedException")) {
                return false;
            }
            any = true;
        }
        return any;
    }
}
