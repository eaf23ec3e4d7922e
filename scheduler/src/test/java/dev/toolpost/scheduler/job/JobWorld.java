package dev.toolpost.scheduler.job;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.message.ConnectionEvent;
import dev.toolpost.message.Job;
import dev.toolpost.message.JobCommand;
import dev.toolpost.message.JobEvent;
import dev.toolpost.message.JobStatus;
import dev.toolpost.message.PartEvent;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.ToolReply;
import dev.toolpost.scheduler.job.accept.JobAcceptance;
import dev.toolpost.scheduler.job.accept.JobTopics;
import dev.toolpost.scheduler.job.dispatch.DispatchProcessor;
import dev.toolpost.scheduler.job.meter.JobMeters;
import dev.toolpost.scheduler.job.state.JobClock;
import dev.toolpost.scheduler.job.state.JobSettings;
import dev.toolpost.scheduler.out.Letters;
import dev.toolpost.scheduler.out.Outgoing;
import dev.toolpost.scheduler.out.Room;
import dev.toolpost.schemas.DeadLetters;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;

/**
 * The processors of jobs with topics between them that are queues, a clock that is set, and stores that outlive the processors. What is
 * published is decoded and kept. {@link #restart()} is what a crash between two transactions leaves.
 */
final class JobWorld {
    static final Topics TOPICS = new Topics();
    static final String RESUME = TOPICS.resume("common");

    private static final String[] STORES = {JobStores.NAME, DispatchProcessor.STORE};

    long now = 1_800_000_000_000L;
    final List<Resumption> resumptions = new ArrayList<>();
    final List<JobEvent> events = new ArrayList<>();
    final Map<String, JobStatus> statuses = new LinkedHashMap<>();
    final List<ToolReply> frames = new ArrayList<>();
    final List<String> deadLetters = new ArrayList<>();
    final Map<String, Long> mostBytes = new HashMap<>();
    private final Room room = new Room(topic -> mostBytes.getOrDefault(topic, Long.MAX_VALUE), Long.MAX_VALUE);
    final Set<String> missingTopics = new HashSet<>();
    Consumer<Resumption> worker = resumptions::add;

    final JobMeters meters = new JobMeters();
    private final JobSettings settings;
    ConnectorCatalogue catalogue;
    private final Map<String, StateStore> stores = new HashMap<>();
    private final Deque<byte[]> asked = new ArrayDeque<>();
    private final Deque<byte[]> parts = new ArrayDeque<>();
    private final MessageCodec<Resumption> resumptionCodec = MessageCodec.of(Resumption.class, null);
    private final MessageCodec<PartEvent> partCodec = MessageCodec.of(PartEvent.class, null);
    private final MessageCodec<JobCommand> commandCodec = MessageCodec.of(JobCommand.class, null);
    private long offsets;

    private MockProcessorContext<byte[], JobOutput> jobContext;
    private JobProcessor jobs;
    private MockProcessorContext<byte[], Outgoing> dispatchContext;
    private DispatchProcessor dispatcher;

    JobWorld(JobSettings settings, ConnectorCatalogue catalogue) {
        this.settings = settings;
        this.catalogue = catalogue;
        for (String name : STORES) {
            stores.put(
                    name,
                    Stores.keyValueStoreBuilder(
                                    Stores.inMemoryKeyValueStore(name), Serdes.ByteArray(), Serdes.ByteArray())
                            .withLoggingDisabled()
                            .build());
        }
        for (String name : new String[] {Jobs.STATUSES, Jobs.CONNECTIONS}) {
            stores.put(
                    name,
                    Stores.timestampedKeyValueStoreBuilder(
                                    Stores.inMemoryKeyValueStore(name), Serdes.ByteArray(), Serdes.ByteArray())
                            .withLoggingDisabled()
                            .build());
        }
        MockProcessorContext<Object, Object> opening = new MockProcessorContext<>();
        stores.values().forEach(store -> store.init(opening.getStateStoreContext(), store));
        restart();
    }

    /** New processors on what the old ones left. */
    void restart() {
        JobMessages messages = new JobMessages(null);
        JobTopics jobTopics = new JobTopics(TOPICS, TOPICS::isReplies, topic -> !missingTopics.contains(topic), null);
        JobParameters parameters = new JobParameters(
                TOPICS,
                settings,
                new JobAcceptance(() -> catalogue, jobTopics, settings, false),
                jobTopics.exists(),
                room,
                new JobClock(_ -> now),
                new Letters(new DeadLetters(TOPICS.deadLetters())),
                meters);
        jobContext = new MockProcessorContext<>();
        jobs = new JobProcessor(parameters, messages);
        dispatchContext = new MockProcessorContext<>();
        dispatcher = new DispatchProcessor(
                TOPICS,
                settings,
                room,
                messages.resumptions(),
                messages.parts(),
                Format.JSON,
                new JobClock(_ -> now),
                meters);
        for (StateStore store : stores.values()) {
            jobContext.addStateStore(store);
            dispatchContext.addStateStore(store);
        }
        jobContext.setCurrentSystemTimeMs(now);
        dispatchContext.setCurrentSystemTimeMs(now);
        jobs.init(jobContext);
        dispatcher.init(dispatchContext);
    }

    // ---- in ----

    void submit(String id, UnaryOperator<Job.Builder> how) {
        command(JobCommand.newBuilder()
                .setJobId(id)
                .setJob(how.apply(Job.newBuilder().setTool("crm_list_contacts").setTenant("acme"))
                        .build())
                .build());
    }

    void steer(String id, String action) {
        command(JobCommand.newBuilder().setJobId(id).setAction(action).build());
    }

    void command(JobCommand command) {
        command(command.getJobId(), commandCodec.encode("jobs", command, Format.JSON));
    }

    void command(String id, byte[] value) {
        jobContext.setRecordMetadata("app-job-commands-repartition", 0, offsets++);
        jobs.process(new Record<>(id.getBytes(StandardCharsets.UTF_8), value, now));
        pump();
    }

    void tell(PartEvent event) {
        parts.add(partCodec.encode("job-parts", event, Format.JSON));
        pump();
    }

    /** An event that nobody reads until something else happens. */
    void tellUnread(PartEvent event) {
        parts.add(partCodec.encode("job-parts", event, Format.JSON));
    }

    void poison(byte[] event) {
        parts.add(event);
        pump();
    }

    void connection(String tenant, String connection, String vendor, String kind) {
        TimestampedKeyValueStore<byte[], byte[]> known = store(Jobs.CONNECTIONS);
        byte[] value = MessageCodec.of(ConnectionEvent.class, null)
                .encode(
                        "connection-events",
                        ConnectionEvent.newBuilder()
                                .setTenant(tenant)
                                .setConnection(connection)
                                .setVendor(vendor)
                                .setKind(kind)
                                .build(),
                        Format.JSON);
        known.put((tenant + "/" + connection).getBytes(StandardCharsets.UTF_8), ValueAndTimestamp.make(value, now));
    }

    /** The topic between jobs and the dispatcher. */
    String dispatchTopic() {
        return jobContext.applicationId() + "-job-dispatch-repartition";
    }

    /** Time passes, and what is due is done. */
    void pass(Duration time) {
        now += time.toMillis();
        for (int goes = 0; goes < 3; goes++) {
            jobContext.scheduledPunctuators().forEach(due -> due.getPunctuator().punctuate(now));
            pump();
        }
    }

    private void pump() {
        do {
            drainJobs();
            while (!asked.isEmpty()) {
                byte[] value = asked.poll();
                dispatchContext.setRecordMetadata("app-job-dispatch-repartition", 0, offsets++);
                dispatcher.process(new Record<>(null, value, now));
                dispatchContext.forwarded().forEach(sent -> take(sent.record()));
                dispatchContext.resetForwards();
            }
            if (!parts.isEmpty()) {
                jobContext.setRecordMetadata(TOPICS.jobParts(), 0, offsets++);
                jobs.process(new Record<>(null, parts.poll(), now));
            }
        } while (!parts.isEmpty() || !jobContext.forwarded().isEmpty());
    }

    private void drainJobs() {
        List<MockProcessorContext.CapturedForward<? extends byte[], ? extends JobOutput>> forwards =
                List.copyOf(jobContext.forwarded());
        jobContext.resetForwards();
        for (var sent : forwards) {
            switch (sent.record().value()) {
                case JobOutput.Inside(byte[] value) -> asked.add(value);
                case JobOutput.Outside(Outgoing outgoing) ->
                    take(new Record<>(sent.record().key(), outgoing, now, new RecordHeaders()));
            }
        }
    }

    // ---- out ----

    private void take(Record<? extends byte[], ? extends Outgoing> record) {
        Outgoing outgoing = record.value();
        String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
        String topic = outgoing.topic();
        byte[] value = outgoing.value();
        if (!room.takes(topic, record.key(), value)) {
            throw new AssertionError(value.length + " bytes for " + topic + ", which fail the stream thread");
        }
        if (topic.equals(TOPICS.jobParts())) {
            parts.add(value);
        } else if (topic.equals(TOPICS.jobEvents())) {
            events.add(
                    MessageCodec.of(JobEvent.class, null).decode(topic, value).value());
        } else if (topic.equals(TOPICS.jobStatus())) {
            status(key, topic, value);
        } else if (topic.equals(TOPICS.deadLetters())) {
            deadLetters.add(new String(value, StandardCharsets.UTF_8));
        } else if (topic.startsWith(TOPICS.prefix() + "resume.")) {
            worker.accept(resumptionCodec.decode(topic, value).value());
        } else {
            frames.add(
                    MessageCodec.of(ToolReply.class, null).decode(topic, value).value());
        }
    }

    private void status(String key, String topic, byte[] value) {
        TimestampedKeyValueStore<byte[], byte[]> global = store(Jobs.STATUSES);
        byte[] id = key.getBytes(StandardCharsets.UTF_8);
        if (value == null) {
            statuses.remove(key);
            global.delete(id);
        } else {
            statuses.put(
                    key,
                    MessageCodec.of(JobStatus.class, null).decode(topic, value).value());
            global.put(id, ValueAndTimestamp.make(value, now));
        }
    }

    JobStatus status(String id) {
        return statuses.get(id);
    }

    List<String> kinds(String id) {
        return events.stream()
                .filter(event -> event.getJobId().equals(id))
                .map(JobEvent::getKind)
                .toList();
    }

    JobEvent last(String kind) {
        return events.stream()
                .filter(event -> event.getKind().equals(kind))
                .reduce((_, later) -> later)
                .orElseThrow(() -> new AssertionError("no event " + kind + " among " + events));
    }

    /** How many entries each store has, by what the first byte of their keys says. */
    Map<String, Long> sizes() {
        Map<String, Long> sizes = new TreeMap<>();
        for (String name : STORES) {
            KeyValueStore<byte[], byte[]> one = store(name);
            try (var all = one.all()) {
                while (all.hasNext()) {
                    sizes.merge(name + "/" + (char) all.next().key[0], 1L, Long::sum);
                }
            }
        }
        return sizes;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private <S extends StateStore> S store(String name) {
        return (S) stores.get(name);
    }

    static PartEvent.Builder event(Resumption of, String kind) {
        return PartEvent.newBuilder()
                .setJobId(of.getJobId())
                .setPart(of.getPart())
                .setRun(of.getRun())
                .setKind(kind)
                .setCallId(of.getCallId())
                .setFrame(of.getFrame())
                .setAttempts(1)
                .setCursor(of.getCursor());
    }
}
