package dev.toolpost.scheduler.schedule;

import dev.toolpost.message.JobCommand;
import dev.toolpost.message.Schedule;
import dev.toolpost.scheduler.clock.BrokerTime;
import dev.toolpost.scheduler.out.Letters;
import dev.toolpost.scheduler.out.Outgoing;
import dev.toolpost.schemas.Decoded;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.InvalidMessageException;
import dev.toolpost.schemas.MalformedMessageException;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.RegistryUnavailableException;
import dev.toolpost.schemas.registry.RegistryException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the schedules of a partition and begins their runs. What is due when is in the store; the order in memory is made of it. Time is
 * that of the brokers, so no run begins early. Used by the thread of its task alone.
 */
final class ScheduleProcessor implements Processor<byte[], byte[], byte[], Outgoing> {
    /** How often it is looked whether something is due. */
    static final Duration LOOK = Duration.ofMillis(500);

    /** So many runs at most each time, so that a midnight of thousands holds up nothing else. */
    static final int MOST_AT_ONCE = 200;

    private static final Logger LOG = LoggerFactory.getLogger(ScheduleProcessor.class);
    private static final String INVALID = "invalid-schedule";

    /** Begins the keys of definitions that cannot be read while the registry is away; no id begins like this. */
    static final String UNREAD = "\u0000";

    /** How many looks apart it is tried again to read them. */
    private static final int TRY_AGAIN = 10;

    /** More than any job or call may have: a larger one may have fitted into its topic and fits into none of those behind it. */
    private static final int MOST_BYTES = 512 << 10;

    private static final int LONGEST_KEY = 1_000;

    private final Setup setup;
    private final NavigableSet<Due> dues =
            new TreeSet<>(Comparator.comparing(Due::at).thenComparing(Due::id));
    private final Map<String, Instant> dueOf = new HashMap<>();
    private final Set<String> unplanned = new LinkedHashSet<>();
    private final Set<String> unread = new LinkedHashSet<>();
    private int looks;
    private ProcessorContext<byte[], Outgoing> context;
    private KeyValueStore<String, byte[]> store;
    private JobStates jobs;
    private @Nullable Cancellable looking;

    /**
     * What it works with.
     *
     * @param jobs finds what is known of jobs
     */
    record Setup(
            BrokerTime time,
            String store,
            String jobsTopic,
            MessageCodec<Schedule> schedules,
            MessageCodec<JobCommand> commands,
            Letters letters,
            ScheduleBoard board,
            Function<ProcessorContext<byte[], Outgoing>, JobStates> jobs) {}

    private record Due(Instant at, String id) {}

    @SuppressWarnings("NullAway.Init") // init comes first
    ScheduleProcessor(Setup setup) {
        this.setup = setup;
    }

    @Override
    public void init(ProcessorContext<byte[], Outgoing> context) {
        // A task that lost a transaction is begun anew with the same processor.
        dues.clear();
        dueOf.clear();
        unplanned.clear();
        unread.clear();
        this.context = context;
        this.store = context.getStateStore(setup.store);
        this.jobs = setup.jobs.apply(context);
        try (KeyValueIterator<String, byte[]> all = store.all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> each = all.next();
                if (each.key.startsWith(UNREAD)) {
                    unread.add(each.key.substring(UNREAD.length()));
                } else {
                    inOrder(each.key, ScheduleState.decode(each.value));
                }
            }
        }
        this.looking = context.schedule(LOOK, PunctuationType.WALL_CLOCK_TIME, _ -> {
            look();
            show();
        });
    }

    @Override
    public void close() {
        if (looking != null) {
            looking.cancel();
        }
        setup.board.erase(context.taskId().partition());
    }

    private void show() {
        setup.board.write(context.taskId().partition(), dues.size(), dues.isEmpty() ? null : dues.first().at);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        byte[] key = record.key();
        if (key == null) {
            refuse(record, "no key (expected: the schedule's id)");
            return;
        }
        if (key.length > LONGEST_KEY) {
            refuse(record.withKey(null), "a key of " + key.length + " bytes (expected: the schedule's id)");
            return;
        }
        String id = new String(key, StandardCharsets.UTF_8);
        if (id.startsWith(UNREAD)) {
            refuse(record, "a key that begins with a zero (expected: the schedule's id)");
            return;
        }
        forgetUnread(id);
        if (record.value() == null) {
            store.delete(id);
            outOfOrder(id);
            return;
        }
        try {
            define(id, record);
        } catch (RegistryUnavailableException away) {
            LOG.warn("Schedule {} waits to be read, and what it was before goes on: {}", id, away.getMessage());
            store.put(UNREAD + id, record.value());
            unread.add(id);
        }
    }

    private void define(String id, Record<byte[], byte[]> record) {
        ScheduleState given = read(id, record.value());
        if (given.problem() != null) {
            refuse(record, given.problem());
        }
        byte[] known = store.get(id);
        keep(id, known == null ? given : ScheduleState.decode(known).redefined(given));
        plan();
    }

    private void forgetUnread(String id) {
        if (unread.remove(id)) {
            store.delete(UNREAD + id);
        }
    }

    private void readAgain() {
        for (String id : List.copyOf(unread)) {
            byte[] value = store.get(UNREAD + id);
            try {
                if (value != null) {
                    define(id, new Record<>(id.getBytes(StandardCharsets.UTF_8), value, 0));
                }
                forgetUnread(id);
            } catch (RegistryUnavailableException stillAway) {
                LOG.debug("Schedule {} waits still to be read", id, stillAway);
                return;
            }
        }
    }

    private ScheduleState read(String id, byte[] value) {
        Schedule schedule;
        Format format = value.length > 0 && value[0] == 0 ? Format.AVRO : Format.JSON;
        if (value.length > MOST_BYTES) {
            return ScheduleState.of(
                    nameless(id),
                    format,
                    "a schedule of " + value.length + " bytes (expected: at most " + MOST_BYTES + ")");
        }
        try {
            Decoded<Schedule> decoded = setup.schedules.decode(
                    context.recordMetadata().map(RecordMetadata::topic).orElse(""), value);
            schedule = decoded.value();
        } catch (InvalidMessageException wrong) {
            Schedule partial = wrong.partial(Schedule.class);
            return ScheduleState.of(partial == null ? nameless(id) : named(partial, id), format, wrong.getMessage());
        } catch (MalformedMessageException wrong) {
            return ScheduleState.of(nameless(id), format, wrong.getMessage());
        }
        try {
            if (!schedule.getScheduleId().equals(id)) {
                throw new InvalidScheduleException("schedule_id: \"" + schedule.getScheduleId() + "\" under the key \""
                        + id + "\" (expected: its own id as key)");
            }
            CheckedSchedule.of(schedule);
            return ScheduleState.of(schedule, format, null);
        } catch (InvalidScheduleException wrong) {
            return ScheduleState.of(named(schedule, id), format, wrong.getMessage());
        }
    }

    private static Schedule nameless(String id) {
        return Schedule.newBuilder().setScheduleId(id).build();
    }

    private static Schedule named(Schedule schedule, String id) {
        return Schedule.newBuilder(schedule).setScheduleId(id).build();
    }

    private void look() {
        if (!unread.isEmpty() && ++looks % TRY_AGAIN == 0) {
            readAgain();
        }
        plan();
        Instant now = now();
        for (int i = 0; now != null && i < MOST_AT_ONCE && !dues.isEmpty(); i++) {
            Due first = dues.first();
            if (first.at.isAfter(now)) {
                return;
            }
            due(first, now);
        }
    }

    private @Nullable Instant now() {
        long millis = setup.time.now();
        return millis == BrokerTime.UNKNOWN ? null : Instant.ofEpochMilli(millis);
    }

    /** Settles the next run of schedules that are new or changed, once it is known what time it is. */
    private void plan() {
        Instant now = unplanned.isEmpty() ? null : now();
        if (now == null) {
            return;
        }
        for (String id : List.copyOf(unplanned)) {
            ScheduleState state = state(id);
            keep(id, state.plannedFor(state.active() ? firstDue(state, now) : null));
        }
    }

    /** A single time may be past, which makes it a missed one; of a rhythm only what is to come counts. */
    private static @Nullable Instant firstDue(ScheduleState state, Instant now) {
        Timing timing = CheckedSchedule.of(state.schedule()).timing();
        if (timing instanceof OneTime(Instant at)) {
            ScheduleState.Run last = state.last();
            ScheduleState.Skipped skipped = state.skipped();
            boolean over = (last != null && last.due().equals(at))
                    || (skipped != null && skipped.due().equals(at));
            return over ? null : at;
        }
        return timing.after(now);
    }

    private void due(Due due, Instant now) {
        ScheduleState state = state(due.id);
        CheckedSchedule schedule = CheckedSchedule.of(state.schedule());
        ScheduleState after = switch (NextStep.at(now, due.at, schedule, state, jobs)) {
            case NextStep.Begin(Instant at) -> begin(state, at, now);
            case NextStep.LeaveOut(ScheduleState.Skipped skipped) -> {
                LOG.info("Schedule {}: the run of {} is left out: {}", due.id, skipped.due(), skipped.why());
                setup.board.leftOut(skipped.why());
                yield state.afterSkip(skipped);
            }
        };
        keep(due.id, after.plannedFor(schedule.timing().after(now)));
    }

    private ScheduleState begin(ScheduleState state, Instant due, Instant now) {
        JobCommand command = RunCommand.of(state.schedule(), due, now);
        byte[] value = encoded(command, state.format());
        context.forward(new Record<>(
                command.getJobId().getBytes(StandardCharsets.UTF_8),
                Outgoing.to(setup.jobsTopic, value),
                now.toEpochMilli()));
        LOG.info("Schedule {}: run {} begins", state.schedule().getScheduleId(), command.getJobId());
        setup.board.began();
        return state.afterRun(new ScheduleState.Run(command.getJobId(), due, now));
    }

    /** A run is not put off because of its format: without a registry it is JSON, which is always read. */
    private byte[] encoded(JobCommand command, Format format) {
        try {
            return setup.commands.encode(setup.jobsTopic, command, format);
        } catch (RegistryUnavailableException | RegistryException | IllegalStateException away) {
            LOG.warn("Run {} is submitted as JSON: {}", command.getJobId(), away.getMessage());
            return setup.commands.encode(setup.jobsTopic, command, Format.JSON);
        }
    }

    private ScheduleState state(String id) {
        byte[] known = store.get(id);
        if (known == null) {
            throw new IllegalStateException("schedule " + id + " is in order and not in the store");
        }
        return ScheduleState.decode(known);
    }

    private void keep(String id, ScheduleState state) {
        store.put(id, state.encode());
        outOfOrder(id);
        inOrder(id, state);
    }

    private void inOrder(String id, ScheduleState state) {
        Instant due = state.due();
        if (!state.planned()) {
            unplanned.add(id);
        } else if (due != null) {
            dues.add(new Due(due, id));
            dueOf.put(id, due);
        }
    }

    private void outOfOrder(String id) {
        unplanned.remove(id);
        Instant due = dueOf.remove(id);
        if (due != null) {
            dues.remove(new Due(due, id));
        }
    }

    private void refuse(Record<byte[], byte[]> record, String detail) {
        LOG.warn("A schedule that can never run: {}", detail);
        setup.board.refused();
        context.forward(
                setup.letters.of(record, context.recordMetadata().orElse(null), INVALID, detail, record.timestamp()));
    }
}
