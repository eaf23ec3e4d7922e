package dev.toolpost.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.spi.FilterReply;
import org.apache.kafka.common.errors.ConcurrentTransactionsException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HarmlessKafkaErrorsTest {
    private static final String BROKER = "kafka.server.ReplicaManager";
    private static final String APPEND = "[ReplicaManager broker=1] Error processing append operation on partition a-0";
    private static final String TASKS = "org.apache.kafka.streams.processor.internals.TaskManager";
    private static final String CORRUPTED =
            "=org.apache.kafka.streams.errors.TaskCorruptedException: Tasks [0_1] are corrupted and hence need to be re-initialized";

    private final HarmlessKafkaErrors filter = new HarmlessKafkaErrors();
    private final LoggerContext context = new LoggerContext();

    @Test
    void whatABrokerRefusesBetweenTwoTransactionsIsKeptOutAndOtherErrorsAreNot() {
        assertThat(decide(BROKER, APPEND, new ConcurrentTransactionsException("ongoing")))
                .isEqualTo(FilterReply.DENY);
        assertThat(decide(
                        BROKER,
                        APPEND,
                        new OutOfOrderSequenceException(
                                "Invalid sequence number for producer 6 at offset 44 in partition a-0: 7"
                                        + " (incoming seq. number). Expected sequence 0 for transactions v2 idempotent producer with no"
                                        + " existing state.")))
                .isEqualTo(FilterReply.DENY);
        assertThat(decide(BROKER, APPEND, new OutOfOrderSequenceException("9 (incoming), 7 (current end)")))
                .isEqualTo(FilterReply.NEUTRAL);
        assertThat(decide(BROKER, APPEND, new KafkaStorageException("disk"))).isEqualTo(FilterReply.NEUTRAL);
        assertThat(decide(BROKER, APPEND, null)).isEqualTo(FilterReply.NEUTRAL);
        assertThat(decide("kafka.log.LogManager", APPEND, new ConcurrentTransactionsException("ongoing")))
                .isEqualTo(FilterReply.NEUTRAL);
    }

    @Test
    void stateThatIsRestoredIsKeptOutUnlessSomethingElseFailedBesideIt() {
        String begins = "stream-thread [s-1] Get exceptions for the following tasks: {0_1";
        assertThat(decide(TASKS, begins + CORRUPTED + ", 0_2" + CORRUPTED + "}", null))
                .isEqualTo(FilterReply.DENY);
        assertThat(decide(TASKS, begins + CORRUPTED + ", 0_2=java.lang.IllegalStateException: a bug}", null))
                .isEqualTo(FilterReply.NEUTRAL);
        assertThat(decide(TASKS, begins + "=org.apache.kafka.streams.errors.StreamsException: disk}", null))
                .isEqualTo(FilterReply.NEUTRAL);
        assertThat(decide(TASKS, "stream-thread [s-1] Thread got interrupted.", new InterruptedException()))
                .isEqualTo(FilterReply.NEUTRAL);
    }

    @Test
    void whoAsksForMoreGetsEverything() {
        filter.setUnless("");
        assertThat(decide(BROKER, APPEND, new ConcurrentTransactionsException("ongoing")))
                .isEqualTo(FilterReply.DENY);
        filter.setUnless("DEBUG");
        assertThat(decide(BROKER, APPEND, new ConcurrentTransactionsException("ongoing")))
                .isEqualTo(FilterReply.NEUTRAL);
    }

    private FilterReply decide(String logger, String message, @Nullable Throwable failure) {
        return filter.decide(new LoggingEvent("test", context.getLogger(logger), Level.ERROR, message, failure, null));
    }
}
