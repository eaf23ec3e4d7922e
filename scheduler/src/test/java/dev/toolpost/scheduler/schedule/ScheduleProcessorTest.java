package dev.toolpost.scheduler.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toolpost.message.Job;
import dev.toolpost.message.JobCommand;
import dev.toolpost.message.Schedule;
import dev.toolpost.message.ToolCall;
import dev.toolpost.scheduler.clock.BrokerTime;
import dev.toolpost.scheduler.out.Letters;
import dev.toolpost.scheduler.out.Outgoing;
import dev.toolpost.schemas.DeadLetters;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.registry.InMemorySchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScheduleProcessorTest {
    private static final String NIGHTLY = "nightly";

    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private final MessageCodec<Schedule> schedules = MessageCodec.of(Schedule.class, registry);
    private final MessageCodec<JobCommand> commands = MessageCodec.of(JobCommand.class, registry);
    private final Map<String, String> jobs = new HashMap<>();
    private final List<JobCommand> runs = new ArrayList<>();
    private final List<Record<? extends byte[], ? extends Outgoing>> deadLetters = new ArrayList<>();
    private @Nullable Instant now;
    private @Nullable KeyValueStore<String, byte[]> store;
    private MockProcessorContext<byte[], Outgoing> context = new MockProcessorContext<>();
    private ScheduleProcessor processor = started();

    @Test
    void threeWeeksOfWeekdaysAreFifteenRunsEachOnItsMinute() {
        at("2026-11-20T22:00:00Z");
        given(cron("30 6 * * MON-FRI", "Europe/Berlin"), null);
        walk("2026-12-12T00:00:00Z", Duration.ofMinutes(1));
        assertEquals(15, runs.size());
        assertEquals("nightly-20261123T053000Z", runs.getFirst().getJobId());
        assertEquals("nightly-20261211T053000Z", runs.getLast().getJobId());
        assertEquals(NIGHTLY, runs.getFirst().getScheduleId());
        assertEquals("submit", runs.getFirst().getAction());
        assertEquals("acme", Objects.requireNonNull(runs.getFirst().getJob()).getTenant());
        assertEquals(
                Instant.parse("2026-11-23T05:30:00Z").toEpochMilli(),
                runs.getFirst().getAt(),
                "neither early nor late");
    }

    @Test
    void aNightlyRunComesOnceOnEachDayOfTheYearThroughBothChangesOfTheClock() {
        at("2026-01-01T00:00:00Z");
        given(cron("30 2 * * *", "Europe/Berlin"), null);
        walk("2027-01-01T00:00:00Z", Duration.ofMinutes(30));
        assertEquals(365, runs.size());
        assertTrue(jobIds().contains("nightly-20260329T010000Z"), "at the moment of the change");
        assertTrue(jobIds().contains("nightly-20261025T003000Z"), "at its first coming");
    }

    @Test
    void nothingBeginsBeforeItIsKnownWhatTimeItIs() {
        given(cron("* * * * *", "UTC"), null);
        look();
        assertEquals(List.of(), runs);
        assertEquals("waiting", view().path("state").asString());
        at("2026-11-21T10:00:30Z");
        look();
        at("2026-11-21T10:01:00Z");
        look();
        assertEquals(List.of("nightly-20261121T100100Z"), jobIds());
    }

    @Test
    void aRestartForgetsNoRunAndRepeatsNone() {
        at("2026-11-21T10:00:30Z");
        given(cron("* * * * *", "UTC"), schedule -> schedule.setOverlap("allow"));
        walk("2026-11-21T10:03:10Z", Duration.ofSeconds(10));
        restart();
        look();
        walk("2026-11-21T10:05:10Z", Duration.ofSeconds(10));
        assertEquals(
                List.of(
                        "nightly-20261121T100100Z",
                        "nightly-20261121T100200Z",
                        "nightly-20261121T100300Z",
                        "nightly-20261121T100400Z",
                        "nightly-20261121T100500Z"),
                jobIds());
    }

    @Test
    void whatALostTransactionHadDefinedIsForgottenWithIt() {
        at("2026-11-21T10:00:30Z");
        given(cron("* * * * *", "UTC"), null);
        Objects.requireNonNull(store).delete(NIGHTLY);
        processor.close();
        assertTrue(context.scheduledPunctuators().getFirst().cancelled());
        processor.init(context);
        at("2026-11-21T10:02:00Z");
        for (var each : context.scheduledPunctuators()) {
            each.getPunctuator().punctuate(0);
        }
        take();
        assertEquals(List.of(), runs);
    }

    @Test
    void oneRunMakesUpForAllThatWereMissed() {
        at("2026-11-21T10:00:30Z");
        given(cron("0 * * * *", "UTC"), null);
        at("2026-11-21T17:20:00Z");
        restart();
        look();
        look();
        assertEquals(List.of("nightly-20261121T170000Z"), jobIds());
        at("2026-11-21T18:00:00Z");
        look();
        assertEquals("nightly-20261121T180000Z", jobIds().getLast());
    }

    @Test
    void missedRunsAreSkippedWhereTheScheduleSaysSo() {
        at("2026-11-21T10:00:30Z");
        given(cron("0 * * * *", "UTC"), schedule -> schedule.setMissed("skip"));
        at("2026-11-21T17:20:00Z");
        restart();
        look();
        assertEquals(List.of(), runs);
        assertEquals("missed", view().path("last_skipped").path("why").asString());
        at("2026-11-21T18:00:40Z");
        look();
        assertEquals(List.of("nightly-20261121T180000Z"), jobIds(), "less than a minute late is on time");
    }

    @Test
    void noRunBeginsWhileTheLastGoesOn() {
        at("2026-11-21T10:00:30Z");
        given(cron("*/10 * * * *", "UTC"), null);
        walk("2026-11-21T10:10:00Z", Duration.ofMinutes(1));
        jobs.put("nightly-20261121T101000Z", "running");
        walk("2026-11-21T10:45:00Z", Duration.ofMinutes(1));
        assertEquals(List.of("nightly-20261121T101000Z"), jobIds());
        assertEquals("overlap", view().path("last_skipped").path("why").asString());
        assertEquals(3, view().path("skips").asInt());
        jobs.put("nightly-20261121T101000Z", "finished_with_errors");
        walk("2026-11-21T10:50:00Z", Duration.ofMinutes(1));
        assertEquals(List.of("nightly-20261121T101000Z", "nightly-20261121T105000Z"), jobIds());
    }

    @Test
    void aRunThatNobodyKnowsOfYetCountsAsGoingOnForAMoment() {
        at("2026-11-21T10:00:30Z");
        given(cron("* * * * *", "UTC"), null);
        at("2026-11-21T10:01:00Z");
        look();
        at("2026-11-21T10:02:00Z");
        look();
        assertEquals(1, runs.size());
        at("2026-11-21T10:03:00Z");
        look();
        assertEquals(2, runs.size());
    }

    @Test
    void runsMayOverlapWhereTheScheduleSaysSo() {
        at("2026-11-21T10:00:30Z");
        given(cron("* * * * *", "UTC"), schedule -> schedule.setOverlap("allow"));
        walk("2026-11-21T10:03:30Z", Duration.ofSeconds(15));
        assertEquals(3, runs.size());
    }

    @Test
    void pausedSchedulesRunNotAndMakeUpForNothing() {
        at("2026-11-21T10:00:30Z");
        given(cron("0 * * * *", "UTC"), null);
        given(cron("0 * * * *", "UTC"), schedule -> schedule.setEnabled(false));
        assertEquals("paused", view().path("state").asString());
        walk("2026-11-21T15:30:00Z", Duration.ofMinutes(10));
        given(cron("0 * * * *", "UTC"), null);
        walk("2026-11-21T16:00:00Z", Duration.ofMinutes(10));
        assertEquals(List.of("nightly-20261121T160000Z"), jobIds());
    }

    @Test
    void theSameScheduleAgainChangesNothingOfItsPlanAndHistory() {
        at("2026-11-21T10:00:30Z");
        given(cron("0 * * * *", "UTC"), null);
        walk("2026-11-21T11:30:00Z", Duration.ofMinutes(10));
        at("2026-11-21T12:00:00Z");
        given(cron("0 * * * *", "UTC"), schedule -> schedule.setOverlap("allow"));
        look();
        assertEquals(List.of("nightly-20261121T110000Z", "nightly-20261121T120000Z"), jobIds());
    }

    @Test
    void aScheduleWithABeginningAndAnEndIsOverAfterIt() {
        at("2026-11-21T10:00:30Z");
        given(
                cron("0 * * * *", "UTC"),
                schedule ->
                        schedule.setStartsAt(millis("2026-11-21T12:00:00Z")).setEndsAt(millis("2026-11-21T13:30:00Z")));
        walk("2026-11-22T00:00:00Z", Duration.ofMinutes(10));
        assertEquals(List.of("nightly-20261121T120000Z", "nightly-20261121T130000Z"), jobIds());
        assertEquals("over", view().path("state").asString());
    }

    @Test
    void aSingleTimeComesOnceAlsoWhenItIsGivenAgain() {
        at("2026-11-21T10:00:30Z");
        given(once("2026-11-21T10:05:00Z"), null);
        walk("2026-11-21T10:10:00Z", Duration.ofSeconds(30));
        given(once("2026-11-21T10:05:00Z"), null);
        restart();
        look();
        assertEquals(List.of("nightly-20261121T100500Z"), jobIds());
        assertEquals("over", view().path("state").asString());
    }

    @Test
    void aSingleTimeThatIsPastIsMadeUpForOrSkipped() {
        at("2026-11-21T10:00:30Z");
        given(once("2026-11-21T09:00:00Z"), null);
        look();
        assertEquals(List.of("nightly-20261121T090000Z"), jobIds());
        given(once("2026-11-21T08:00:00Z"), schedule -> schedule.setMissed("skip"));
        look();
        assertEquals(1, runs.size());
        assertEquals("over", view().path("state").asString());
    }

    @Test
    void everyRunOfACallIsACallOfItsOwn() {
        at("2026-11-21T10:00:30Z");
        ToolCall call = ToolCall.newBuilder()
                .setCallId("mine")
                .setTool("hubspot_create_contact")
                .setConnection("sales")
                .setIdempotencyKey("key")
                .build();
        given(
                cron("* * * * *", "UTC"),
                schedule -> schedule.setJob(null).setCall(call).setOverlap("allow"));
        walk("2026-11-21T10:02:30Z", Duration.ofSeconds(30));
        ToolCall first = Objects.requireNonNull(runs.get(0).getCall());
        ToolCall second = Objects.requireNonNull(runs.get(1).getCall());
        assertEquals(runs.get(0).getJobId(), first.getCallId());
        assertEquals(runs.get(0).getJobId(), first.getIdempotencyKey());
        assertEquals(runs.get(1).getJobId(), second.getIdempotencyKey());
        assertEquals("acme", first.getTenant());
        assertNull(runs.get(0).getJob());
    }

    @Test
    void anInvalidScheduleIsADeadLetterAndShownWithItsReason() {
        at("2026-11-21T10:00:30Z");
        given(cron("* * * * *", "UTC"), null);
        given(cron("61 * * * *", "UTC"), null);
        walk("2026-11-21T10:05:00Z", Duration.ofSeconds(30));
        assertEquals(List.of(), runs, "what it was before does not go on");
        assertEquals("invalid", view().path("state").asString());
        assertTrue(view().path("problem").asString().contains("61 not in range"), view()::toString);
        assertEquals("invalid-schedule", header(HeaderNames.DEAD_CAUSE));
        assertTrue(header(HeaderNames.DEAD_DETAIL).contains("61 not in range"));
        given(cron("* * * * *", "UTC"), null);
        walk("2026-11-21T10:06:00Z", Duration.ofSeconds(30));
        assertEquals(1, runs.size());
    }

    @Test
    void aScheduleThatIsTooLargeIsRefusedAndNotCarriedOn() {
        at("2026-11-21T10:00:30Z");
        pipe(
                NIGHTLY,
                schedules.encode(
                        "",
                        cron("* * * * *", "UTC")
                                .setTimeZone("x".repeat(10 << 20))
                                .build(),
                        Format.JSON));
        pipe("k".repeat(1 << 20), new byte[9 << 20]);
        assertEquals("invalid", view().path("state").asString());
        assertTrue(view().path("problem").asString().contains("expected: at most 524288"), view()::toString);
        assertEquals(2, deadLetters.size());
        deadLetters.forEach(letter -> assertNull(letter.value().value()));
        assertNull(deadLetters.getLast().key());
    }

    @Test
    void poisonIsADeadLetterAndStopsNothing() {
        at("2026-11-21T10:00:30Z");
        pipe(NIGHTLY, "{".getBytes(StandardCharsets.UTF_8));
        assertEquals("invalid", view().path("state").asString());
        pipe(NIGHTLY, new byte[] {0, 0, 0, 0, 77, 1});
        assertEquals(2, deadLetters.size());
        pipe(null, "{}".getBytes(StandardCharsets.UTF_8));
        assertEquals(3, deadLetters.size());
        pipe("other", schedules.encode("", cron("* * * * *", "UTC").build(), Format.JSON));
        assertTrue(header(HeaderNames.DEAD_DETAIL).contains("under the key \"other\""));
    }

    @Test
    void aTombstoneEndsIt() {
        at("2026-11-21T10:00:30Z");
        given(cron("* * * * *", "UTC"), null);
        pipe(NIGHTLY, null);
        walk("2026-11-21T10:05:00Z", Duration.ofSeconds(30));
        restart();
        look();
        assertEquals(List.of(), runs);
    }

    @Test
    void aRunIsWrittenInTheFormatOfItsSchedule() {
        at("2026-11-21T10:00:30Z");
        pipe(NIGHTLY, schedules.encode("schedules", cron("* * * * *", "UTC").build(), Format.AVRO));
        at("2026-11-21T10:01:00Z");
        processor.process(new Record<>(
                key("second"),
                schedules.encode(
                        "", cron("0 0 1 1 *", "UTC").setScheduleId("second").build(), Format.JSON),
                0));
        look();
        assertEquals(List.of("nightly-20261121T100100Z"), jobIds());
    }

    @Test
    void aMidnightOfThousandsIsSpreadOverSeveralLooks() {
        at("2026-11-21T23:59:00Z");
        for (int i = 0; i < ScheduleProcessor.MOST_AT_ONCE + 50; i++) {
            String id = "s" + i;
            pipe(
                    id,
                    schedules.encode(
                            "", cron("0 0 * * *", "UTC").setScheduleId(id).build(), Format.JSON));
        }
        at("2026-11-22T00:00:00Z");
        look();
        assertEquals(ScheduleProcessor.MOST_AT_ONCE, runs.size());
        look();
        look();
        assertEquals(ScheduleProcessor.MOST_AT_ONCE + 50, runs.size());
        assertEquals(runs.size(), jobIds().stream().distinct().count());
    }

    @Test
    void aScheduleWhoseSchemaCannotBeLookedUpIsReadOnceTheRegistryIsBack() {
        at("2026-11-21T10:00:30Z");
        byte[] avro = schedules.encode("schedules", cron("* * * * *", "UTC").build(), Format.AVRO);
        registry.away(true);
        restart();
        pipe(NIGHTLY, avro);
        restart();
        for (int i = 0; i < 25; i++) {
            look();
        }
        assertEquals(List.of(), deadLetters);
        registry.away(false);
        for (int i = 0; i < 10; i++) {
            look();
        }
        assertEquals("active", view().path("state").asString());
        at("2026-11-21T10:01:00Z");
        look();
        assertEquals(List.of("nightly-20261121T100100Z"), jobIds());
        restart();
        for (int i = 0; i < 11; i++) {
            look();
        }
        assertEquals(1, runs.size());
    }

    @Test
    void argumentsKeepEveryDigit() {
        at("2026-11-21T10:00:30Z");
        String arguments = "{\"n\":1.00000000000000000001,\"m\":12345678901234567890123}";
        given(
                cron("* * * * *", "UTC"),
                schedule -> schedule.setJob(job().setArguments(arguments).build()));
        restart();
        at("2026-11-21T10:01:00Z");
        look();
        assertEquals(arguments, Objects.requireNonNull(runs.getFirst().getJob()).getArguments());
        assertTrue(view().toString().contains("1.00000000000000000001"), view()::toString);
    }

    private static Job.Builder job() {
        return Job.newBuilder()
                .setTool("hubspot_list_contacts")
                .setConnections(List.of("sales"))
                .setSink("toolpost.replies.nightly");
    }

    private static Schedule.Builder cron(String expression, String zone) {
        return Schedule.newBuilder()
                .setScheduleId(NIGHTLY)
                .setTenant("acme")
                .setCron(expression)
                .setTimeZone(zone)
                .setJob(job().build());
    }

    private static Schedule.Builder once(String time) {
        return cron("", "UTC").setAt(millis(time));
    }

    private static long millis(String time) {
        return Instant.parse(time).toEpochMilli();
    }

    private void given(Schedule.Builder schedule, @Nullable Consumer<Schedule.Builder> change) {
        if (change != null) {
            change.accept(schedule);
        }
        pipe(NIGHTLY, schedules.encode("", schedule.build(), Format.JSON));
    }

    private static byte @Nullable [] key(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private void pipe(@Nullable String key, byte @Nullable [] value) {
        processor.process(new Record<>(key(key), value, 0));
        take();
    }

    private void at(String time) {
        now = Instant.parse(time);
    }

    private void look() {
        context.scheduledPunctuators().getFirst().getPunctuator().punctuate(0);
        take();
    }

    private void walk(String until, Duration step) {
        Instant end = Instant.parse(until);
        for (Instant each = Objects.requireNonNull(now).plus(step); !each.isAfter(end); each = each.plus(step)) {
            now = each;
            look();
        }
        now = end;
        look();
    }

    private void take() {
        for (var forward : context.forwarded()) {
            Outgoing outgoing = forward.record().value();
            if (outgoing.topic().equals("toolpost.jobs")) {
                JobCommand command = commands.decode("", outgoing.value()).value();
                assertEquals(command.getJobId(), new String(forward.record().key(), StandardCharsets.UTF_8));
                runs.add(command);
            } else {
                assertEquals("toolpost.dead-letters", outgoing.topic());
                deadLetters.add(forward.record());
            }
        }
        context.resetForwards();
    }

    private String header(String name) {
        return new String(deadLetters.getLast().headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private List<String> jobIds() {
        return runs.stream().map(JobCommand::getJobId).toList();
    }

    private tools.jackson.databind.JsonNode view() {
        byte[] state = Objects.requireNonNull(store).get(NIGHTLY);
        assertNotNull(state);
        return ScheduleView.of(ScheduleState.decode(state));
    }

    private void restart() {
        processor.close();
        processor = started();
    }

    private ScheduleProcessor started() {
        context = new MockProcessorContext<>();
        context.setRecordMetadata("toolpost.schedules", 0, 7);
        if (store == null) {
            store = Stores.keyValueStoreBuilder(
                            Stores.inMemoryKeyValueStore(Schedules.STORE), Serdes.String(), Serdes.ByteArray())
                    .withLoggingDisabled()
                    .build();
            store.init(context.getStateStoreContext(), store);
        }
        context.addStateStore(store);
        BrokerTime time = _ -> now == null ? BrokerTime.UNKNOWN : now.toEpochMilli();
        ScheduleProcessor made = new ScheduleProcessor(new ScheduleProcessor.Setup(
                time,
                Schedules.STORE,
                "toolpost.jobs",
                MessageCodec.of(Schedule.class, registry),
                commands,
                new Letters(new DeadLetters("toolpost.dead-letters")),
                new ScheduleBoard(time),
                _ -> jobs::get));
        made.init(context);
        return made;
    }
}
