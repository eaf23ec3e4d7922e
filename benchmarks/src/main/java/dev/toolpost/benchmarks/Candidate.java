package dev.toolpost.benchmarks;

import java.util.function.IntFunction;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * One of the programs that do the same side by side.
 *
 * @param replies the topic that it answers to, without transactions
 * @param calls the n-th call, under the key that its reply has: the number
 */
record Candidate(Program program, String replies, IntFunction<ProducerRecord<byte[], byte[]>> calls) {

    static final String WORKER = "worker";
    static final String BARE = "bare loop";
    static final String PARALLEL = "parallel consumer";

    String name() {
        return program.name();
    }
}
