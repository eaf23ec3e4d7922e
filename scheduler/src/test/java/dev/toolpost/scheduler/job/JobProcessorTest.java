package dev.toolpost.scheduler.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.message.JobCommand;
import dev.toolpost.message.JobStatus;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.scheduler.job.state.JobSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Jobs from their submission to their end, part by part, over the two processors and their stores. */
class JobProcessorTest {
    private static final JobSettings SETTINGS = JobSettings.defaults().withBounds(2, 2, 4);

    private final JobWorld world = new JobWorld(SETTINGS, ConnectorCatalogue.of(List.of()));

    @Test
    void aJobRunsFromSubmissionToItsSummary() {
        world.submit("j", job -> job.setConnections(List.of("a", "b", "c")).setMaxRecords(1_000L));

        assertThat(world.kinds("j")).containsExactly("accepted", "started");
        assertThat(world.resumptions).hasSize(2);
        Resumption first = world.resumptions.getFirst();
        assertThat(first.getKind()).isEqualTo("continuation");
        assertThat(first.getLane()).isEqualTo("batch");
        assertThat(first.getCallId()).isEqualTo("j.0");
        assertThat(first.getAnswersErrors()).isFalse();
        assertThat(first.getDeadline())
                .isEqualTo(world.now + SETTINGS.partDeadline().toMillis());
        assertThat(first.getAppendedAt()).isEqualTo(world.now);
        assertThat(first.getCall().getReplyTo()).isEqualTo("toolpost.replies");
        assertThat(first.getCall().getPaging().getMode()).isEqualTo("all");
        assertThat(first.getCall().getPaging().getMaxRecords()).isEqualTo(1_000);
        assertThat(world.status("j").getState()).isEqualTo("running");

        world.tell(JobWorld.event(first, "progress")
                .setFrame(3)
                .setRecords(300)
                .setPages(3)
                .setCursor("c3")
                .build());
        world.pass(Duration.ofSeconds(10));
        assertThat(world.last("progress").getRecords()).isEqualTo(300);
        assertThat(world.last("progress").getRecordsPerSecond()).isEqualTo(30.0);
        assertThat(world.last("progress").getExpectedEnd()).isEqualTo(world.now + 90_000);

        world.tell(JobWorld.event(first, "done")
                .setFrame(4)
                .setRecords(50)
                .setPages(1)
                .setAttempts(4)
                .build());
        assertThat(world.resumptions).hasSize(3);
        world.resumptions
                .subList(1, 3)
                .forEach(part -> world.tell(JobWorld.event(part, "done")
                        .setFrame(1)
                        .setRecords(10)
                        .setPages(1)
                        .build()));

        JobStatus status = world.status("j");
        assertThat(status.getState()).isEqualTo("finished");
        assertThat(status.getRecords()).isEqualTo(370);
        assertThat(status.getPages()).isEqualTo(6);
        assertThat(status.getPartsDone()).isEqualTo(3);
        assertThat(status.getPartsRunning()).isZero();
        assertThat(world.last("finished").getMessage())
                .startsWith("3 of 3 parts, 370 records in 6 pages within 10.0 s");
        assertThat(world.frames).isEmpty();
    }

    @Test
    void aToolThatIsDefinedMeanwhileIsKnownToTheNextJobAndOthersGoOnAsTheyWere() {
        String wrong = "{\"limit\":\"many\"}";
        world.submit(
                "before",
                job -> job.setTool("stripe_list_charges").setArguments(wrong).setConnections(List.of("a", "b", "c")));
        world.catalogue = ConnectorCatalogue.bundled();
        world.submit(
                "after",
                job -> job.setTool("stripe_list_charges").setArguments(wrong).setConnections(List.of("d")));

        assertThat(world.status("before").getState()).isEqualTo("running");
        assertThat(world.status("after").getError().getCode()).isEqualTo("INVALID_ARGUMENTS");
        world.restart();
        world.tell(JobWorld.event(world.resumptions.getFirst(), "done").build());
        assertThat(world.resumptions).hasSize(3);
    }

    @Test
    void submittingAgainChangesNothingAndAnotherJobOfThatIdIsRefused() {
        world.submit("j", job -> job.setConnections(List.of("a")));
        world.submit("j", job -> job.setConnections(List.of("a")));
        world.submit("j", job -> job.setConnections(List.of("b")));

        assertThat(world.kinds("j")).containsExactly("accepted", "started", "accepted", "rejected");
        assertThat(world.last("rejected").getError().getCode()).isEqualTo("CALL_CONFLICT");
        assertThat(world.last("rejected").getError().getRemedy()).contains("another id");
        assertThat(world.resumptions).hasSize(1);
        assertThat(world.status("j").getState()).isEqualTo("running");
        assertThat(world.status("j").getJob().getConnections()).containsExactly("a");
    }

    @Test
    void aRejectedJobSaysWhyAndMayBeSubmittedAgain() {
        world.submit("j", job -> job);

        assertThat(world.status("j").getState()).isEqualTo("rejected");
        assertThat(world.status("j").getError().getMessage()).contains("/job/connections: none");
        assertThat(world.last("rejected").getError().getRemedy()).isNotEmpty();

        world.submit("j", job -> job.setConnections(List.of("a")));
        assertThat(world.status("j").getState()).isEqualTo("running");
    }

    @Test
    void aCommandWithWrongFieldsIsAnsweredAndLeavesTheJobAlone() {
        world.submit("j", job -> job.setConnections(List.of("a")));

        world.command("j", "{\"job_id\":\"j\",\"action\":\"pause\",\"at\":\"now\"}".getBytes(StandardCharsets.UTF_8));
        world.steer("j", "explode");
        world.steer("nobody", "pause");

        assertThat(world.kinds("j")).containsExactly("accepted", "started", "rejected", "rejected");
        assertThat(world.kinds("nobody")).containsExactly("rejected");
        assertThat(world.last("rejected").getError().getRemedy()).contains("GET /jobs");
        assertThat(world.status("j").getState()).isEqualTo("running");
        assertThat(world.statuses).doesNotContainKey("nobody");
    }

    @Test
    void theExpectedEndIsToldByPartsThatAreDoneNotByThoseThatFailed() {
        world.submit("j", job -> job.setConnections(List.of("a", "b", "c")));
        List<Resumption> parts = List.copyOf(world.resumptions);
        world.tell(JobWorld.event(parts.get(0), "failed")
                .setFrame(0)
                .setError(error("UNKNOWN_CONNECTION", false))
                .build());
        world.tell(JobWorld.event(parts.get(1), "progress")
                .setFrame(1)
                .setRecords(100)
                .setPages(1)
                .setCursor("c1")
                .build());
        world.pass(Duration.ofSeconds(10));
        assertThat(world.last("progress").getExpectedEnd()).isNull();

        world.tell(JobWorld.event(parts.get(1), "done")
                .setFrame(2)
                .setRecords(100)
                .setPages(1)
                .build());
        world.pass(Duration.ofSeconds(10));

        assertThat(world.last("progress").getRecordsPerSecond()).isEqualTo(10.0);
        assertThat(world.last("progress").getExpectedEnd()).isEqualTo(world.now + 20_000);
    }

    @Test
    void aPartThatFailedGoesOnAtItsPlaceWithTheNextFrame() {
        world.submit("j", job -> job.setConnections(List.of("a")));
        Resumption first = world.resumptions.getFirst();
        world.tell(JobWorld.event(first, "progress")
                .setFrame(2)
                .setRecords(20)
                .setPages(2)
                .setCursor("c2")
                .build());
        world.tell(JobWorld.event(first, "failed")
                .setFrame(2)
                .setAttempts(3)
                .setCursor("c2")
                .setError(error("UNAVAILABLE", true))
                .build());

        assertThat(world.last("part_retried").getPart()).isZero();
        assertThat(world.resumptions).hasSize(1);
        world.pass(Duration.ofSeconds(6));

        Resumption again = world.resumptions.getLast();
        assertThat(again.getRun()).isEqualTo(1);
        assertThat(again.getCallId()).isEqualTo("j.0");
        assertThat(again.getFrame()).isEqualTo(2);
        assertThat(again.getCursor()).isEqualTo("c2");
        assertThat(again.getRecords()).isEqualTo(20);
        assertThat(again.getPages()).isEqualTo(2);

        world.tell(JobWorld.event(first, "done")
                .setFrame(9)
                .setRecords(900)
                .setAttempts(9)
                .build());
        assertThat(world.status("j").getState()).as("a run that is over").isEqualTo("running");

        world.tell(JobWorld.event(again, "done")
                .setFrame(3)
                .setRecords(5)
                .setPages(1)
                .build());
        assertThat(world.status("j").getRecords()).isEqualTo(25);
        assertThat(world.status("j").getPartsRetried()).isEqualTo(1);
        assertThat(world.status("j").getState()).isEqualTo("finished");
    }

    @Test
    void whoTellsWhenToComeBackIsNotAskedEarlier() {
        world.submit("j", job -> job.setConnections(List.of("a")));
        ToolError later = error("RATE_LIMITED", true);
        later.setRetryAt(world.now + 3_600_000);
        world.tell(JobWorld.event(world.resumptions.getFirst(), "failed")
                .setError(later)
                .build());

        world.pass(Duration.ofMinutes(59));
        assertThat(world.resumptions).hasSize(1);
        world.pass(Duration.ofMinutes(1));
        assertThat(world.resumptions).hasSize(2);
    }

    @Test
    void aPartThatIsGivenUpEndsInTheSinkAndCanBeRetried() {
        world.submit("j", job -> job.setConnections(List.of("a", "b")));
        Resumption a = world.resumptions.getFirst();
        world.tell(JobWorld.event(a, "progress")
                .setFrame(1)
                .setRecords(10)
                .setPages(1)
                .setCursor("c1")
                .build());
        world.tell(JobWorld.event(a, "failed")
                .setFrame(1)
                .setAttempts(2)
                .setCursor("c1")
                .setError(error("REAUTHORIZATION_REQUIRED", false))
                .build());
        world.tell(JobWorld.event(world.resumptions.get(1), "done")
                .setFrame(1)
                .setRecords(1)
                .build());

        ToolReply last = world.frames.getFirst();
        assertThat(world.frames).hasSize(1);
        assertThat(last.getCallId()).isEqualTo("j.0");
        assertThat(last.getFrame()).isEqualTo(1);
        assertThat(last.getLast()).isTrue();
        assertThat(last.getStatus()).isEqualTo("error");
        assertThat(last.getError().getCode()).isEqualTo("REAUTHORIZATION_REQUIRED");
        assertThat(world.last("part_failed").getPart()).isZero();
        JobStatus failed = world.status("j");
        assertThat(failed.getState()).isEqualTo("finished_with_errors");
        assertThat(failed.getFailures()).singleElement().satisfies(part -> {
            assertThat(part.getConnection()).isEqualTo("a");
            assertThat(part.getRecords()).isEqualTo(10);
        });

        world.steer("j", "retry");
        Resumption again = world.resumptions.getLast();
        assertThat(again.getCallId()).isEqualTo("j.0.1");
        assertThat(again.getFrame()).isZero();
        assertThat(again.getCursor()).isEqualTo("c1");
        assertThat(again.getRun()).isEqualTo(1);
        world.tell(JobWorld.event(again, "done").setFrame(1).setRecords(5).build());

        JobStatus finished = world.status("j");
        assertThat(finished.getState()).isEqualTo("finished");
        assertThat(finished.getRecords()).isEqualTo(16);
        assertThat(finished.getError()).isNull();
        assertThat(finished.getFailures()).isEmpty();
    }

    @Test
    void aPartThatComesNoFurtherIsGivenUpAfterItsAttempts() {
        world.submit("j", job -> job.setConnections(List.of("a")));
        for (int run = 0; run < 5; run++) {
            world.tell(JobWorld.event(world.resumptions.getLast(), "failed")
                    .setError(error("UNAVAILABLE", true))
                    .build());
            world.pass(Duration.ofMinutes(10));
        }

        assertThat(world.resumptions).hasSize(5);
        assertThat(world.last("part_failed").getMessage()).contains("5 runs in a row came no further");
        assertThat(world.status("j").getState()).isEqualTo("finished_with_errors");
    }

    @Test
    void pausingStopsPartsWhichGoOnWhereTheyWere() {
        world.submit("j", job -> job.setConnections(List.of("a", "b", "c")));
        List<Resumption> begun = List.copyOf(world.resumptions);
        world.tell(JobWorld.event(begun.getFirst(), "progress")
                .setFrame(1)
                .setRecords(10)
                .setCursor("c1")
                .build());
        world.steer("j", "pause");

        assertThat(world.status("j").getState()).isEqualTo("pausing");
        List<Resumption> stops = world.resumptions.subList(2, 4);
        assertThat(stops)
                .allSatisfy(stop -> assertThat(stop.getCall().getAction()).isEqualTo("cancel"));
        assertThat(stops).extracting(Resumption::getCallId).containsExactly("j.0", "j.1");
        world.pass(Duration.ofSeconds(31));
        assertThat(world.resumptions).as("told again").hasSize(6);

        world.tell(JobWorld.event(begun.getFirst(), "failed")
                .setFrame(1)
                .setAttempts(2)
                .setCursor("c1")
                .setError(error("CANCELLED", false))
                .build());
        world.tell(
                JobWorld.event(begun.get(1), "done").setRecords(1).setFrame(1).build());
        assertThat(world.status("j").getState()).isEqualTo("paused");
        assertThat(world.frames).isEmpty();

        world.pass(Duration.ofHours(5));
        assertThat(world.resumptions).hasSize(6);
        world.steer("j", "resume");
        List<Resumption> resumed = world.resumptions.subList(6, 8);
        assertThat(resumed).extracting(Resumption::getCallId).containsExactly("j.0", "j.2");
        assertThat(resumed.getFirst().getCursor()).isEqualTo("c1");
        assertThat(resumed.getFirst().getFrame()).isEqualTo(1);
        resumed.forEach(part -> world.tell(
                JobWorld.event(part, "done").setFrame(2).setRecords(1).build()));

        assertThat(world.kinds("j")).containsSubsequence("paused", "resumed").endsWith("finished");
        assertThat(world.status("j").getState()).isEqualTo("finished");
    }

    @Test
    void pausingTakesBackWhatWaitsInLine() {
        JobWorld narrow = new JobWorld(JobSettings.defaults().withBounds(4, 1, 1), ConnectorCatalogue.of(List.of()));
        narrow.submit("j", job -> job.setConnections(List.of("a", "b", "c", "d")));
        assertThat(narrow.resumptions).hasSize(1);
        narrow.steer("j", "pause");
        narrow.tell(JobWorld.event(narrow.resumptions.getFirst(), "done")
                .setFrame(1)
                .build());

        assertThat(narrow.status("j").getState()).isEqualTo("paused");
        assertThat(narrow.sizes()).doesNotContainKeys("job-dispatch/w", "job-dispatch/f");
        narrow.steer("j", "resume");
        for (int part = 1; part < 4; part++) {
            narrow.tell(JobWorld.event(narrow.resumptions.getLast(), "done")
                    .setFrame(1)
                    .build());
        }
        assertThat(narrow.status("j").getState()).isEqualTo("finished");
    }

    @Test
    void cancellingEndsPartsUnderWayInTheSinkAndBeginsNoOthers() {
        world.submit("j", job -> job.setConnections(List.of("a", "b", "c")));
        List<Resumption> begun = List.copyOf(world.resumptions);
        world.steer("j", "cancel");
        world.tell(JobWorld.event(begun.getFirst(), "done")
                .setFrame(1)
                .setRecords(7)
                .build());
        assertThat(world.status("j").getState()).isEqualTo("cancelling");
        world.tell(JobWorld.event(begun.get(1), "failed")
                .setError(error("CANCELLED", false))
                .build());

        assertThat(world.status("j").getState()).isEqualTo("cancelled");
        assertThat(world.status("j").getPartsDone()).isEqualTo(1);
        assertThat(world.status("j").getPartsFailed()).isZero();
        assertThat(world.frames).singleElement().satisfies(frame -> {
            assertThat(frame.getCallId()).isEqualTo("j.1");
            assertThat(frame.getError().getCode()).isEqualTo("CANCELLED");
        });
        assertThat(world.last("cancelled").getMessage())
                .contains("1 of 3 parts")
                .contains("2 cancelled or never begun");
        assertThat(world.resumptions).hasSize(4);
    }

    @Test
    void aCancelledJobDoesNotWaitForeverForAWorker() {
        world.submit("j", job -> job.setConnections(List.of("a")));
        world.steer("j", "cancel");
        for (int i = 0; i < 11; i++) {
            world.pass(Duration.ofSeconds(31));
        }

        assertThat(world.status("j").getState()).isEqualTo("cancelled");
        assertThat(world.frames).hasSize(1);
        assertThat(world.sizes()).doesNotContainKey("job-dispatch/f");
    }

    @Test
    void aDeadlineEndsTheJobWithWhatItHas() {
        world.submit("j", job -> job.setConnections(List.of("a", "b", "c")).setDeadline(world.now + 60_000));
        List<Resumption> begun = List.copyOf(world.resumptions);
        assertThat(begun.getFirst().getDeadline()).isEqualTo(world.now + 60_000);
        world.tell(JobWorld.event(begun.getFirst(), "done")
                .setFrame(1)
                .setRecords(7)
                .build());
        world.pass(Duration.ofSeconds(61));
        assertThat(world.status("j").getState()).isEqualTo("cancelling");
        world.resumptions
                .subList(1, 3)
                .forEach(part -> world.tell(JobWorld.event(part, "failed")
                        .setError(error("DEADLINE_EXCEEDED", true))
                        .build()));

        JobStatus status = world.status("j");
        assertThat(status.getState()).isEqualTo("finished_with_errors");
        assertThat(status.getError().getCode()).isEqualTo("DEADLINE_EXCEEDED");
        assertThat(status.getPartsDone() + status.getPartsFailed()).isEqualTo(status.getParts());
        world.steer("j", "retry");
        assertThat(world.last("rejected").getMessage()).contains("deadline has passed");
    }

    @Test
    void thousandsOfPartsThatFailedAreTakenUpAndCancelledStepByStep() {
        JobWorld many =
                new JobWorld(JobSettings.defaults().withBounds(250, 250, 400), ConnectorCatalogue.of(List.of()));
        many.submit("j", job -> job.setConnections(List.of("a")).setExpand("{\"id\":{\"from\":1,\"to\":2600}}"));
        endAll(many, "NOT_FOUND");
        assertThat(many.status("j").getState()).isEqualTo("finished_with_errors");
        assertThat(many.status("j").getPartsFailed()).isEqualTo(2_600);

        many.steer("j", "retry");
        assertThat(many.last("resumed").getMessage()).startsWith("all parts that failed");
        assertThat(many.status("j").getPartsFailed()).as("in one step").isEqualTo(600);
        many.pass(Duration.ofMillis(100));
        assertThat(many.status("j").getState()).isEqualTo("running");
        assertThat(many.status("j").getPartsFailed()).isZero();
        assertThat(many.resumptions).hasSize(250);

        many.steer("j", "cancel");
        endAll(many, "CANCELLED");
        many.pass(Duration.ofMillis(100));
        assertThat(many.status("j").getState()).isEqualTo("cancelled");
        assertThat(many.last("cancelled").getMessage()).contains("0 of 2600 parts", "2600 cancelled or never begun");
        assertThat(many.frames)
                .as("of each part one, and another of those that were begun again")
                .hasSize(2_850);
    }

    /** Ends what workers have, until nothing more comes to them. */
    private static void endAll(JobWorld world, String code) {
        while (!world.resumptions.isEmpty()) {
            List<Resumption> begun = List.copyOf(world.resumptions);
            world.resumptions.clear();
            for (Resumption part : begun) {
                if (part.getCall().getAction().equals("execute")) {
                    world.tell(JobWorld.event(part, "failed")
                            .setError(error(code, false))
                            .build());
                }
            }
        }
    }

    @Test
    void aPartOfWhichNothingIsHeardIsLostAndGoesOn() {
        world.submit("j", job -> job.setConnections(List.of("a")));
        world.tell(JobWorld.event(world.resumptions.getFirst(), "progress")
                .setFrame(1)
                .setRecords(1)
                .setCursor("c1")
                .build());
        world.pass(Duration.ofHours(24));
        assertThat(world.resumptions).hasSize(1);
        world.pass(Duration.ofMinutes(1));
        world.pass(Duration.ofSeconds(5));

        assertThat(world.resumptions).hasSize(2);
        assertThat(world.resumptions.getLast().getCursor()).isEqualTo("c1");
        assertThat(world.resumptions.getLast().getFrame()).isEqualTo(1);
        assertThat(world.resumptions.getLast().getDeadline())
                .isEqualTo(world.now + SETTINGS.partDeadline().toMillis());
    }

    @Test
    void aPartWhoseNewsWereNotReadWhileNobodyFollowedItIsNotLost() {
        world.submit("j", job -> job.setConnections(List.of("a")));
        world.tellUnread(JobWorld.event(world.resumptions.getFirst(), "done")
                .setFrame(3)
                .setRecords(250)
                .setPages(3)
                .build());
        world.pass(Duration.ofDays(2));

        assertThat(world.status("j").getState()).isEqualTo("finished");
        assertThat(world.status("j").getRecords()).isEqualTo(250);
        assertThat(world.resumptions).as("nothing is read twice").hasSize(1);
    }

    @Test
    void aPartThatEndedBeforeItsCancelWasFollowedIsDone() {
        world.submit("j", job -> job.setConnections(List.of("a")));
        world.steer("j", "cancel");
        world.tellUnread(JobWorld.event(world.resumptions.getFirst(), "done")
                .setFrame(3)
                .setRecords(250)
                .setPages(3)
                .build());
        world.pass(Duration.ofHours(1));

        assertThat(world.status("j").getPartsDone()).isEqualTo(1);
        assertThat(world.frames).as("its last frame was written by the worker").isEmpty();
    }

    @Test
    void aPartWhosePlaceNobodyKnowsIsNotReadTwice() {
        world.submit("j", job -> job.setConnections(List.of("a")));
        world.tell(JobWorld.event(world.resumptions.getFirst(), "progress")
                .setFrame(1)
                .setRecords(1)
                .build());
        world.tell(JobWorld.event(world.resumptions.getFirst(), "failed")
                .setFrame(1)
                .setAttempts(2)
                .setError(error("UNAVAILABLE", true))
                .build());

        assertThat(world.last("part_failed").getMessage()).contains("not known where it had come to");
        world.steer("j", "retry");
        world.pass(Duration.ofMinutes(1));
        assertThat(world.last("rejected").getMessage()).contains("not known where the parts that failed had come to");
        assertThat(world.resumptions).hasSize(1);
        assertThat(world.status("j").getState()).isEqualTo("finished_with_errors");
    }

    @Test
    void aCallIsFollowedLikeAJob() {
        world.command(JobCommand.newBuilder()
                .setJobId("nightly")
                .setScheduleId("s")
                .setCall(ToolCall.newBuilder()
                        .setTool("crm_create_contact")
                        .setTenant("acme")
                        .setConnection("a")
                        .setArguments("{\"name\":\"x\"}")
                        .build())
                .build());
        Resumption call = world.resumptions.getFirst();
        assertThat(call.getAnswersErrors()).isTrue();
        assertThat(call.getCallId()).isEqualTo("nightly");
        assertThat(call.getCall().getArguments()).isEqualTo("{\"name\":\"x\"}");
        assertThat(call.getCall().getPaging()).isNull();
        world.steer("nightly", "pause");
        assertThat(world.last("rejected").getMessage()).contains("cannot be paused");
        world.tell(JobWorld.event(call, "failed")
                .setError(error("UNAVAILABLE", true))
                .build());

        assertThat(world.status("nightly").getState()).isEqualTo("finished_with_errors");
        assertThat(world.status("nightly").getScheduleId()).isEqualTo("s");
        assertThat(world.frames).as("the worker has answered").isEmpty();
        assertThat(world.resumptions).hasSize(1);
    }

    @Test
    void allConnectionsOfAVendorAreThoseThatAreKnown() {
        world.connection("acme", "eu", "crm", "added");
        world.connection("acme", "us", "crm", "refreshed");
        world.connection("acme", "old", "crm", "removed");
        world.connection("acme", "mail", "mailer", "added");
        world.connection("acme2", "x", "crm", "added");
        world.submit("j", job -> job.setVendor("crm"));

        assertThat(world.status("j").getJob().getConnections()).containsExactly("eu", "us");
        assertThat(world.status("j").getJob().getVendor()).isEqualTo("crm");
        world.submit("none", job -> job.setVendor("other"));
        assertThat(world.last("rejected").getError().getCode()).isEqualTo("UNKNOWN_CONNECTION");
    }

    @Test
    void anEndedJobLeavesTheStoresAndLaterItsStatus() {
        world.submit("j", job -> job.setConnections(List.of("a", "b")));
        world.resumptions.forEach(
                part -> world.tell(JobWorld.event(part, "done").setFrame(1).build()));
        world.pass(Duration.ofHours(24));
        assertThat(world.sizes()).containsOnlyKeys("jobs/a", "jobs/e");
        assertThat(world.status("j").getState()).isEqualTo("finished");

        world.submit("j", job -> job.setConnections(List.of("a", "b")));
        assertThat(world.kinds("j")).endsWith("accepted");
        assertThat(world.last("accepted").getMessage()).contains("nothing changes");
        world.steer("j", "retry");
        assertThat(world.last("rejected").getMessage()).contains("not kept any more");

        world.pass(Duration.ofDays(30));
        assertThat(world.sizes()).isEmpty();
        assertThat(world.statuses).isEmpty();
    }

    @Test
    void anotherJobUnderTheIdOfOneThatEndedLongAgoIsRefused() {
        world.submit("j", job -> job.setConnections(List.of("a")));
        world.tell(
                JobWorld.event(world.resumptions.getFirst(), "done").setFrame(1).build());
        world.pass(Duration.ofDays(2));
        world.restart();

        world.submit("j", job -> job.setConnections(List.of("b")));
        assertThat(world.kinds("j")).endsWith("finished", "rejected");
        assertThat(world.last("rejected").getError().getCode()).isEqualTo("CALL_CONFLICT");
        assertThat(world.last("rejected").getError().getRemedy()).contains("another id");
        world.command(
                "j", "{\"job_id\":\"j\",\"job\":{\"tool\":\"t\",\"connections\":7}}".getBytes(StandardCharsets.UTF_8));
        assertThat(world.status("j").getState()).isEqualTo("finished");
        assertThat(world.status("j").getJob().getConnections()).containsExactly("a");

        world.submit("j", job -> job.setConnections(List.of("a")));
        assertThat(world.kinds("j")).endsWith("accepted");
        assertThat(world.resumptions).hasSize(1);
    }

    @Test
    void aRestartLosesNothing() {
        world.submit("j", job -> job.setConnections(List.of("a", "b", "c")));
        world.restart();
        List<Resumption> begun = List.copyOf(world.resumptions);
        world.tell(JobWorld.event(begun.getFirst(), "failed")
                .setError(error("UNAVAILABLE", true))
                .build());
        world.restart();
        world.pass(Duration.ofSeconds(10));
        world.restart();
        world.tell(JobWorld.event(begun.get(1), "done").setFrame(1).build());
        world.resumptions
                .subList(2, 4)
                .forEach(part ->
                        world.tell(JobWorld.event(part, "done").setFrame(1).build()));

        assertThat(world.status("j").getState()).isEqualTo("finished");
        assertThat(world.resumptions)
                .extracting(Resumption::getCallId)
                .containsExactlyInAnyOrder("j.0", "j.1", "j.2", "j.0");
    }

    @Test
    void poisonAmongPartEventsIsBuried() {
        world.submit("j", job -> job.setConnections(List.of("a")));
        world.poison("not json".getBytes(StandardCharsets.UTF_8));
        assertThat(world.deadLetters).containsExactly("not json");
    }

    @Test
    void failuresInTheStatusAreBounded() {
        JobWorld wide =
                new JobWorld(JobSettings.defaults().withBounds(256, 256, 256), ConnectorCatalogue.of(List.of()));
        wide.submit(
                "j",
                job -> job.setConnections(List.of("a"))
                        .setConcurrency(256)
                        .setExpand("{\"id\":{\"from\":1,\"to\":250}}"));
        List.copyOf(wide.resumptions)
                .forEach(part -> wide.tell(JobWorld.event(part, "failed")
                        .setError(error("NOT_FOUND", false))
                        .build()));

        assertThat(wide.status("j").getState()).isIn("running", "finished_with_errors");
        for (int i = 0; i < 3; i++) {
            List.copyOf(wide.resumptions)
                    .forEach(part -> wide.tell(JobWorld.event(part, "failed")
                            .setError(error("NOT_FOUND", false))
                            .build()));
        }
        assertThat(wide.status("j").getState()).isEqualTo("finished_with_errors");
        assertThat(wide.status("j").getFailures()).hasSize(100);
        assertThat(wide.status("j").getPartsFailed()).isEqualTo(250);
    }

    private static ToolError error(String code, boolean retryable) {
        return ToolError.newBuilder()
                .setCode(code)
                .setMessage("as told")
                .setRetryable(retryable)
                .build();
    }
}
