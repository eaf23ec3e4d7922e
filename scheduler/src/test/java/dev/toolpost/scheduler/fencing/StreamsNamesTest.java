package dev.toolpost.scheduler.fencing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Kafka Streams calls the transactions and clients of a process. */
class StreamsNamesTest {

    private static final UUID PROCESS = UUID.fromString("0b1c2d3e-0000-4000-8000-00000000abcd");
    private static final StreamsNames NAMES = new StreamsNames("toolpost.scheduler");

    @Test
    void theProcessIsReadFromTransactionsThreadsAndClients() {
        assertThat(NAMES.processOfTransactions("toolpost.scheduler-" + PROCESS + "-12"))
                .isEqualTo(Optional.of(PROCESS));
        assertThat(NAMES.processOfClient("toolpost.scheduler-" + PROCESS + "-StreamThread-1"))
                .isEqualTo(Optional.of(PROCESS));
        assertThat(NAMES.processOfClient("toolpost.scheduler-" + PROCESS + "-StreamThread-3-consumer"))
                .isEqualTo(Optional.of(PROCESS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "toolpost.scheduler-0b1c2d3e-0000-4000-8000-00000000abcd",
                "toolpost.scheduler-0b1c2d3e-0000-4000-8000-00000000abcd-",
                "toolpost.scheduler-0b1c2d3e-0000-4000-8000-00000000abcd-StreamThread-1",
                "toolpost.scheduler-0b1c2d3e-0000-4000-8000-00000000abcd-1-2",
                "toolpost.scheduler-1-0b1c2d3e-0000-4000-8000-00000000abcd-1",
                "toolpost.scheduler-test-0b1c2d3e-0000-4000-8000-00000000abcd-1",
                "toolpostXscheduler-0b1c2d3e-0000-4000-8000-00000000abcd-1",
                "other-0b1c2d3e-0000-4000-8000-00000000abcd-1",
                "toolpost.scheduler-b-0-4-8-a-1",
                "toolpost.scheduler-1"
            })
    void whatIsNotATransactionOfThisApplicationIsLeftAlone(String foreign) {
        assertThat(NAMES.processOfTransactions(foreign)).isEmpty();
    }
}
