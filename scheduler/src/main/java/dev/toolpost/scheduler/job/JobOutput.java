package dev.toolpost.scheduler.job;

import dev.toolpost.scheduler.out.Outgoing;

/** What leaves a processor of this package: a record for some topic, or one that goes on inside. */
sealed interface JobOutput {

    /** For a topic that is named. */
    record Outside(Outgoing record) implements JobOutput {}

    /** For the next processor. */
    @SuppressWarnings("ArrayRecordComponent") // bytes on their way, never compared
    record Inside(byte[] value) implements JobOutput {}
}
