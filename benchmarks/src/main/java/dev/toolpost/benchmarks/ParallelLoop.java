package dev.toolpost.benchmarks;

import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelConsumerOptions.CommitMode;
import io.confluent.parallelconsumer.ParallelConsumerOptions.ProcessingOrder;
import io.confluent.parallelconsumer.ParallelEoSStreamProcessor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The same as {@link BareLoop} with Confluent's parallel consumer: unordered, the library's own produce step, its offsets in
 * commit metadata. It has no virtual threads of its own, so its pool is given a factory for them.
 *
 * @see <a href="https://github.com/confluentinc/parallel-consumer">parallel-consumer</a>
 */
final class ParallelLoop {

    private ParallelLoop() {}

    /**
     * Runs until the process is ended.
     *
     * @param args bootstrap servers, calls topic, replies topic, vendor's address, token, calls in flight, threads ({@code
     *     virtual} or {@code platform})
     */
    public static void main(String[] args) throws InterruptedException, IOException {
        String replies = args[2];
        int inFlight = Integer.parseInt(args[5]);
        ParallelConsumerOptions<byte[], byte[]> options = ParallelConsumerOptions.<byte[], byte[]>builder()
                .consumer(Clients.consumer(args[0], "parallel", false))
                .producer(Clients.producer(args[0]))
                .ordering(ProcessingOrder.UNORDERED)
                .commitMode(CommitMode.PERIODIC_CONSUMER_ASYNCHRONOUS)
                .maxConcurrency(inFlight)
                .build();
        try (PlainHttp http = new PlainHttp(args[3], args[4], inFlight);
                Processor processor = new Processor(options, args[6].equals("virtual"))) {
            processor.subscribe(List.of(args[1]));
            processor.pollAndProduce(context -> {
                var call = context.getSingleConsumerRecord();
                try {
                    return new ProducerRecord<>(replies, call.key(), http.fetch(call.value()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            System.out.println("parallel consumer started");
            Thread.currentThread().join();
        }
    }

    /** Its pool is made anew on virtual threads, which the library offers only by JNDI. */
    private static final class Processor extends ParallelEoSStreamProcessor<byte[], byte[]> {

        private final boolean virtual;

        Processor(ParallelConsumerOptions<byte[], byte[]> options, boolean virtual) {
            super(options);
            this.virtual = virtual;
        }

        @Override
        protected ThreadPoolExecutor setupWorkerPool(int size) {
            return virtual
                    ? new ThreadPoolExecutor(
                            size,
                            size,
                            0,
                            TimeUnit.MILLISECONDS,
                            new LinkedBlockingQueue<>(),
                            Thread.ofVirtual().name("pc-", 0).factory())
                    : super.setupWorkerPool(size);
        }
    }
}
