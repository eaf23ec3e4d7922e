package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A vendor that throttles, breaks off and keeps a strict limit, seen from the agent. */
class VendorTroubleTest {

    private static final String READ = "hubspot_get_contact";
    private static final String CREATE = "hubspot_create_contact";
    private static final String CONTACTS = "/crm/v3/objects/contacts";

    private static Rig rig;
    private static Agent agent;

    @BeforeAll
    static void start() {
        rig = Rig.start(3, SimulatedVendor.builder().unlimited().start());
        rig.worker();
        agent = rig.agent();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    /** A refusal for the rate, in one of the ways that vendors have. */
    private record Throttle(String name, Fault fault, Duration least) {}

    private static List<Throttle> throttles() {
        String limited = "{\"status\":\"error\",\"category\":\"RATE_LIMITS\",\"message\":\"too many\"}";
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).minusHours(1));
        return List.of(
                new Throttle("429 with seconds", throttled("2"), Duration.ofSeconds(2)),
                new Throttle(
                        "429 with a date", Fault.status(429).header("Retry-After", "{date+3}"), Duration.ofSeconds(1)),
                new Throttle("429 with a date that is over", throttled(date).body(limited), Duration.ZERO),
                new Throttle("429 with a negative wait", throttled("-5").body(limited), Duration.ZERO),
                new Throttle("429 with nonsense", throttled("soon").body(limited), Duration.ofMillis(900)),
                new Throttle("429 without a wait", throttled(null).body(limited), Duration.ofMillis(900)),
                new Throttle("503 with a wait", Fault.throttled(503, "1"), Duration.ofSeconds(1)));
    }

    @Test
    void aThrottledCallWaitsAsTheVendorAsksAndThenSucceedsOnce() {
        List<Throttle> all = throttles();
        for (int i = 0; i < all.size(); i++) {
            rig.fastConnection("throttled-" + i);
            rig.vendor()
                    .inject(all.get(i)
                            .fault()
                            .on("GET", CONTACTS + "/" + (100 + i))
                            .times(1));
            String contact = "{\"contact_id\":\"" + (100 + i) + "\"}";
            agent.call("throttled-" + i, READ, "throttled-" + i, contact);
        }

        for (int i = 0; i < all.size(); i++) {
            ToolReply reply = agent.reply("throttled-" + i);
            assertThat(reply.getError()).as(all.get(i).name()).isNull();
            assertThat(reply.getStats().getAttempts()).as(all.get(i).name()).isEqualTo(2);
            assertThat(reply.getStats().getWaitedMs())
                    .as(all.get(i).name())
                    .isBetween(all.get(i).least().toMillis(), 10_000L);
            assertThat(agent.frames("throttled-" + i)).hasSize(1);
        }
    }

    @Test
    void aThrottledWriteHappensOnce() {
        rig.fastConnection("throttled-write");
        rig.vendor().inject(throttled("1").on("POST", CONTACTS).times(2));

        agent.call("throttled-write", CREATE, "throttled-write", body("throttled@example.com"));

        assertThat(agent.reply("throttled-write").getError()).isNull();
        assertThat(agent.reply("throttled-write").getStats().getAttempts()).isEqualTo(3);
        assertThat(rig.vendor().writes("create", "contacts", "throttled@example.com"))
                .isEqualTo(1);
    }

    @Test
    void aThrottleLongerThanTheDeadlineIsAnsweredWithTheTimeToComeAgain() {
        rig.fastConnection("daily");
        rig.vendor().inject(throttled("3600").on("GET", CONTACTS + "/90").times(1));
        long now = System.currentTimeMillis();

        agent.call("daily", READ, "daily", "{\"contact_id\":\"90\"}");

        ToolError error = agent.reply("daily").getError();
        assertThat(error.getCode()).isEqualTo("RATE_LIMITED");
        assertThat(error.getRetryable()).isTrue();
        assertThat(error.getRetryAt()).isGreaterThan(now + 3_500_000L);
    }

    @Test
    void aStrictSlidingWindowIsNeverOverstepped() {
        try (Rig strict = Rig.start(
                        3,
                        SimulatedVendor.builder()
                                .limit(100, Duration.ofSeconds(1))
                                .start())
                .connection(Rig.TENANT, "crm", Map.of("ten_seconds", new LimitOverride(100, Duration.ofSeconds(1))))) {
            strict.worker();
            Agent bursting = strict.agent();
            List<String> all = new ArrayList<>();
            bursting.call("first", READ, "crm", "{\"contact_id\":\"60\"}");
            assertThat(bursting.reply("first").getError()).isNull();
            // Idle for more than a window, then two bursts of 300 with idleness between.
            for (int burst = 0; burst < 2; burst++) {
                bursting.read(Duration.ofMillis(1_200));
                List<String> now = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    String id = "burst-" + burst + "-" + i;
                    now.add(id);
                    bursting.publishLater(
                            strict.topics().calls("hubspot"),
                            "acme/crm",
                            bursting.json(id, READ, "crm", "{\"contact_id\":\"60\"}"));
                }
                bursting.flush();
                bursting.awaitReplies(now, Duration.ofSeconds(60));
                all.addAll(now);
            }

            assertThat(all)
                    .allSatisfy(id -> assertThat(bursting.reply(id).getError()).isNull());
            assertThat(strict.vendor().stats().violations()).isZero();
            assertThat(strict.vendor().stats().requests()).isEqualTo(601);
        }
    }

    @Test
    void aWriteBrokenOffAfterItWasProcessedIsOfUnknownOutcomeAndNotRepeated() {
        rig.fastConnection("broken-write");
        rig.vendor().inject(Fault.resetAfterProcessing().on("POST", CONTACTS).times(1));

        agent.call("broken-write", CREATE, "broken-write", body("broken@example.com"));

        ToolError error = agent.reply("broken-write").getError();
        assertThat(error.getCode()).isEqualTo("OUTCOME_UNKNOWN");
        assertThat(error.getRetryable()).isFalse();
        assertThat(rig.vendor().writes("create", "contacts", "broken@example.com"))
                .isEqualTo(1);

        // The same call again gets the same answer and does not reach the vendor.
        agent.call("broken-write", CREATE, "broken-write", body("broken@example.com"));
        while (agent.frames("broken-write").size() < 2) {
            agent.read(Duration.ofMillis(100));
        }
        assertThat(agent.frames("broken-write").getLast().reply().getError().getCode())
                .isEqualTo("OUTCOME_UNKNOWN");
        assertThat(rig.vendor().writes("create", "contacts", "broken@example.com"))
                .isEqualTo(1);
    }

    @Test
    void aWriteOfUnknownOutcomeIsSaidSoEvenIfItWasNotProcessed() {
        rig.fastConnection("broken-before");
        rig.vendor().inject(Fault.resetBeforeProcessing().on("POST", CONTACTS).times(1));

        agent.call("broken-before", CREATE, "broken-before", body("broken-before@example.com"));

        assertThat(agent.reply("broken-before").getError().getCode()).isEqualTo("OUTCOME_UNKNOWN");
        assertThat(rig.vendor().writes("create", "contacts", "broken-before@example.com"))
                .isZero();
    }

    @Test
    void aReadBrokenOffIsTriedAgain() {
        rig.fastConnection("broken-read");
        rig.vendor()
                .inject(Fault.resetAfterProcessing().on("GET", CONTACTS + "/91").times(1));
        rig.vendor().inject(Fault.garbage().on("GET", CONTACTS + "/91").times(1));

        agent.call("broken-read", READ, "broken-read", "{\"contact_id\":\"91\"}");

        assertThat(agent.reply("broken-read").getError()).isNull();
        assertThat(agent.reply("broken-read").getStats().getAttempts()).isEqualTo(3);
    }

    @Test
    void aRepeatableWriteBrokenOffIsTriedAgain() {
        rig.fastConnection("broken-update");
        rig.vendor()
                .inject(Fault.resetAfterProcessing()
                        .on("PATCH", CONTACTS + "/92")
                        .times(1));

        agent.call(
                "broken-update",
                "hubspot_update_contact",
                "broken-update",
                "{\"contact_id\":\"92\",\"properties\":{\"firstname\":\"Ada\"}}");

        assertThat(agent.reply("broken-update").getError()).isNull();
        assertThat(rig.vendor().writes("update", "contacts", "92")).isEqualTo(2);
    }

    private static Fault throttled(@Nullable String retryAfter) {
        return Fault.throttled(429, retryAfter);
    }

    private static String body(String email) {
        return "{\"properties\":{\"email\":\"" + email + "\"}}";
    }
}
