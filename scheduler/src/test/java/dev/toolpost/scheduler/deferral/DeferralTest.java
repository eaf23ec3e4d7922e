package dev.toolpost.scheduler.deferral;

import static dev.toolpost.scheduler.deferral.DeferralRig.DEAD;
import static dev.toolpost.scheduler.deferral.DeferralRig.RESUME;
import static dev.toolpost.scheduler.deferral.DeferralRig.START;
import static dev.toolpost.scheduler.deferral.DeferralRig.deferral;
import static dev.toolpost.scheduler.deferral.DeferralRig.header;
import static dev.toolpost.scheduler.deferral.DeferralRig.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.Deferral;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.registry.InMemorySchemaRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deferrals over a time that is walked. */
class DeferralTest {

    @Test
    void isDeliveredAtItsTimeAndNotAMillisecondBefore() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.defer("a", "A", START + 5_000);
            rig.advance(4_999);
            assertThat(rig.delivered()).isEmpty();
            rig.advance(1);
            assertThat(rig.delivered()).containsExactly("A");
            rig.advance(100_000);
            assertThat(rig.delivered()).isEmpty();
            assertThat(rig.stored()).isZero();
        }
    }

    @Test
    void carriesKeyHeadersAndValueAsTheyWere() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.send(deferral("a", "A"), each -> {
                each.setDueAt(START);
                each.setHeaders(Map.of("traceparent", ByteBuffer.wrap("00-1".getBytes(StandardCharsets.UTF_8))));
            });
            rig.advance(20);
            assertThat(rig.records(RESUME)).singleElement().satisfies(record -> {
                assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo("acme/crm");
                assertThat(DeferralRig.text(record)).isEqualTo("A");
                assertThat(header(record, "traceparent")).isEqualTo("00-1");
                assertThat(header(record, HeaderNames.RECALLED)).isNull();
            });
        }
    }

    @Test
    void comeInTheOrderOfTheirTimesAndOfOneTimeInTheirOwn() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.defer("c", "C", START + 3_000);
            rig.defer("a", "A", START + 1_000);
            rig.defer("b1", "B1", START + 2_000);
            rig.defer("b2", "B2", START + 2_000);
            rig.advance(10_000);
            assertThat(rig.delivered()).containsExactly("A", "B1", "B2", "C");
        }
    }

    @Test
    void oneThatComesLaterAndIsDueEarlierThanAllThatWaitIsNotHeldUpByThem() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.defer("now", "NOW", START);
            rig.defer("far", "FAR", START + 1_000_000);
            rig.advance(20);
            assertThat(rig.delivered()).containsExactly("NOW");
            rig.defer("near", "NEAR", START + 1_000);
            rig.advance(980);
            assertThat(rig.delivered()).containsExactly("NEAR");
        }
    }

    @Test
    void aDelayCountsFromTheBrokersStampWhateverDueAtSays() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.advance(1_000);
            rig.send(deferral("a", "A"), each -> {
                each.setDueAt(START);
                each.setDelayMs(2_000L);
            });
            rig.advance(1_999);
            assertThat(rig.delivered()).isEmpty();
            rig.advance(1);
            assertThat(rig.delivered()).containsExactly("A");
        }
    }

    @Test
    void aDelayBeyondAllTimeWaitsForEver() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.send(deferral("a", "A"), each -> each.setDelayMs(Long.MAX_VALUE));
            rig.send(deferral("b", "B"), each -> each.setDelayMs(-5L));
            rig.advance(Duration.ofDays(10_000).toMillis());
            assertThat(rig.delivered()).containsExactly("B");
            assertThat(rig.stored()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1})
    void theClockOfThisMachineAnHourOffChangesNothing(long hours) {
        try (DeferralRig rig = new DeferralRig(DeferralSettings.defaults(), Duration.ofHours(hours))) {
            rig.send(deferral("a", "A"), each -> each.setDelayMs(60_000L));
            rig.machineAdvances(Duration.ofHours(3));
            assertThat(rig.delivered()).as("the broker's clock stood still").isEmpty();
            rig.advance(59_999);
            assertThat(rig.delivered()).isEmpty();
            rig.advance(1);
            assertThat(rig.delivered()).containsExactly("A");
        }
    }

    @Test
    void whileTheBrokersTimeIsUnknownNothingIsDelivered() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.timeIsKnown(false);
            rig.defer("a", "A", START);
            rig.advance(1_000_000);
            assertThat(rig.delivered()).isEmpty();
            rig.timeIsKnown(true);
            rig.advance(20);
            assertThat(rig.delivered()).containsExactly("A");
        }
    }

    @Test
    void aLaterOneOfTheSameIdReplacesTheEarlier() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.defer("a", "first", START + 1_000);
            rig.defer("a", "second", START + 5_000);
            rig.advance(4_999);
            assertThat(rig.delivered()).isEmpty();
            rig.defer("a", "third", START + 5_000);
            rig.advance(1);
            assertThat(rig.delivered()).containsExactly("third");
            rig.defer("a", "fourth", START + 6_000);
            rig.advance(2_000);
            assertThat(rig.delivered()).as("the id is free again").containsExactly("fourth");
        }
    }

    @Test
    void aRecalledOneComesAtOnceAndSaysSoAndNeverAgain() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.defer("a", "A", START + 100_000);
            rig.recall("a");
            rig.recall("a");
            rig.advance(20);
            assertThat(rig.records(RESUME)).singleElement().satisfies(record -> {
                assertThat(DeferralRig.text(record)).isEqualTo("A");
                assertThat(header(record, HeaderNames.RECALLED)).isEqualTo("true");
            });
            rig.recall("a");
            rig.recall("never there");
            rig.advance(200_000);
            assertThat(rig.delivered()).isEmpty();
            assertThat(rig.records(DEAD)).isEmpty();
        }
    }

    @Test
    void aRecallGetsAllThatItNamesAndNoOthers() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.defer("acme/crm/get/1", "bare", START + 100_000);
            rig.defer("acme/crm/get/1 calls-0-7", "of one agent", START + 100_000);
            rig.defer("acme/crm/get/1 calls-0-8", "of another", START + 50_000);
            rig.defer("acme/crm/get/10", "longer", START + 100_000);
            rig.defer("acme/crm/get/1#2", "another run", START + 100_000);
            rig.recall("acme/crm/get/1");
            rig.advance(20);
            assertThat(rig.delivered()).containsExactlyInAnyOrder("bare", "of one agent", "of another");
            rig.advance(200_000);
            assertThat(rig.delivered()).containsExactlyInAnyOrder("longer", "another run");
        }
    }

    @Test
    void aForeignTargetIsADeadLetter() {
        List<String> foreign = List.of(
                "toolpost.calls.crm",
                "toolpost.state.crm",
                "toolpost.replies",
                "toolpost.later",
                "toolpost.jobs",
                "toolpost.resume.",
                "toolpost.resume.CRM/../x",
                "other.resume.crm",
                "__consumer_offsets",
                "");
        try (DeferralRig rig = new DeferralRig()) {
            rig.send(deferral("none", "A"), each -> each.setTopic(null));
            for (String target : foreign) {
                rig.send(deferral("to " + target, "A"), each -> each.setTopic(target));
            }
            rig.defer("b", "B", START);
            rig.advance(20);
            assertThat(rig.delivered()).containsExactly("B");
            List<TestRecord<byte[], byte[]>> letters = rig.records(DEAD);
            assertThat(letters).hasSize(foreign.size() + 1);
            for (int i = 0; i < letters.size(); i++) {
                assertThat(header(letters.get(i), HeaderNames.DEAD_CAUSE)).isEqualTo("foreign-target");
                assertThat(header(letters.get(i), HeaderNames.DEAD_TOPIC)).isEqualTo("toolpost.later");
                assertThat(header(letters.get(i), HeaderNames.DEAD_OFFSET)).isEqualTo(String.valueOf(i));
            }
        }
    }

    @Test
    void poisonIsADeadLetterWithItsCauseAndTheNextIsServed() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.raw(null);
            rig.raw(new byte[0]);
            rig.raw(new byte[] {0, 1, 2});
            rig.raw(new byte[] {0, 0, 0, 0, 9, 1, 2});
            rig.raw("{\"deferral_id\"".getBytes(StandardCharsets.UTF_8));
            rig.raw("[]".getBytes(StandardCharsets.UTF_8));
            rig.send(deferral("", "no id"), each -> {});
            rig.send(deferral("x".repeat(1_001), "long id"), each -> {});
            rig.send(deferral("a", "A"), each -> each.setAction("dance"));
            rig.send(deferral("a", "A"), each -> each.setPartition(-1));
            rig.defer("b", "B", START);
            rig.advance(20);
            assertThat(rig.delivered()).containsExactly("B");
            assertThat(rig.records(DEAD))
                    .hasSize(10)
                    .allSatisfy(letter ->
                            assertThat(header(letter, HeaderNames.DEAD_CAUSE)).isNotEmpty());
        }
    }

    @Test
    void whatCannotBeReadWhileTheRegistryIsAwayWaitsInItsOrderAndHoldsUpNothing() {
        InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
        try (DeferralRig rig = new DeferralRig(MessageCodec.of(Deferral.class, registry))) {
            rig.defer("a", "A", START + 100);
            registry.away(true);
            rig.avro(registry, deferral("b", "first"), START + 300);
            rig.defer("b", "second", START + 300);
            rig.recall("a");
            rig.advance(1_000);
            assertThat(rig.delivered()).as("what was known is delivered").containsExactly("A");
            registry.away(false);
            rig.advance(2_000);
            assertThat(rig.delivered()).containsExactly("second");
            assertThat(rig.records(DEAD)).isEmpty();
            assertThat(rig.stored()).isZero();
        }
    }

    @Test
    void aTickIsLeftAlone() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.raw("{\"deferral_id\":\"tick\",\"action\":\"tick\"}".getBytes(StandardCharsets.UTF_8));
            rig.advance(1_000);
            assertThat(rig.delivered()).isEmpty();
            assertThat(rig.records(DEAD)).isEmpty();
            assertThat(rig.stored()).isZero();
        }
    }

    @Test
    void whatIsTooLargeForItsTargetIsADeadLetterAndTheNextIsServed() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.limits.put(RESUME, 4_000L);
            byte[] noise = new byte[3_000];
            new Random(1).nextBytes(noise);
            String large = HexFormat.of().formatHex(noise);
            rig.defer("large", large, START);
            rig.defer("compressible", "a".repeat(100_000), START + 1);
            rig.defer("small", "S", START + 2);
            rig.advance(1_000);
            assertThat(rig.records(DEAD)).singleElement().satisfies(letter -> {
                assertThat(header(letter, HeaderNames.DEAD_CAUSE)).isEqualTo("too-large-for-target");
                assertThat(text(letter)).isEqualTo(large);
            });
            assertThat(rig.delivered()).hasSize(2).endsWith("S");
            assertThat(rig.stored()).isZero();
        }
    }

    @Test
    void aTargetThatWentAwayIsADeadLetterAndOneNobodyKnowsOfWaits() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.standings.put("toolpost.resume.gone", Targets.Standing.MISSING);
            rig.send(deferral("a", "A"), each -> {
                each.setDueAt(START);
                each.setTopic("toolpost.resume.gone");
            });
            rig.standings.put("toolpost.resume.unknown", Targets.Standing.UNKNOWN);
            rig.send(deferral("b", "B"), each -> {
                each.setDueAt(START + 1);
                each.setTopic("toolpost.resume.unknown");
            });
            rig.advance(1_000);
            assertThat(rig.records(DEAD))
                    .singleElement()
                    .satisfies(letter ->
                            assertThat(header(letter, HeaderNames.DEAD_CAUSE)).isEqualTo("no-such-target"));
            assertThat(rig.records("toolpost.resume.unknown")).isEmpty();
            rig.standings.clear();
            rig.advance(20);
            assertThat(rig.records("toolpost.resume.unknown")).hasSize(1);
        }
    }

    @Test
    void oneGoDeliversAsMuchAsItMayAndTheNextGoesOn() {
        DeferralSettings settings = new DeferralSettings(Duration.ofMillis(20), 10, 1_000);
        try (DeferralRig rig = new DeferralRig(settings, Duration.ZERO)) {
            for (int i = 0; i < 25; i++) {
                rig.defer("small-" + i, "small", START + 100);
            }
            rig.defer("large-1", "x".repeat(2_000), START + 200);
            rig.defer("large-2", "x".repeat(2_000), START + 200);
            rig.advance(1_000);
            assertThat(rig.delivered()).hasSize(10);
            rig.advance(20);
            assertThat(rig.delivered()).hasSize(10);
            rig.advance(20);
            assertThat(rig.delivered()).as("five small and one large").hasSize(6);
            rig.advance(20);
            assertThat(rig.delivered()).hasSize(1);
        }
    }

    @Test
    void whatWasDueLongAgoWhenItCameIsDeliveredBehindWhatWasDelivered() {
        try (DeferralRig rig = new DeferralRig()) {
            rig.defer("a", "A", START + 10_000);
            rig.advance(10_000);
            assertThat(rig.delivered()).containsExactly("A");
            rig.defer("b", "B", START - 1_000_000);
            rig.defer("c", "C", 0);
            rig.defer("d", "D", -7);
            rig.recall("c");
            rig.advance(20);
            assertThat(rig.delivered()).containsExactly("B", "D", "C");
            assertThat(rig.stored()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void overRandomDeferralsReplacementsAndRecallsItDoesWhatAModelDoes(long seed) {
        Random random = new Random(seed);
        Model model = new Model();
        try (DeferralRig rig = new DeferralRig()) {
            for (int step = 0; step < 600; step++) {
                String id = "id-" + random.nextInt(40);
                switch (random.nextInt(4)) {
                    case 0, 1 -> {
                        long due = rig.now() + random.nextInt(3_000) - 200;
                        rig.defer(id, id + "@" + step, due);
                        model.defer(id, id + "@" + step, due, step);
                    }
                    case 2 -> {
                        rig.recall(id);
                        model.recall(id, rig.now(), step);
                    }
                    default -> {
                        rig.advance(20L * random.nextInt(1, 30));
                        model.advance(rig.now());
                    }
                }
                assertThat(rig.delivered()).as("seed %d, step %d", seed, step).isEqualTo(model.delivered());
            }
            rig.advance(10_000);
            model.advance(rig.now());
            assertThat(rig.delivered()).isEqualTo(model.delivered());
            assertThat(rig.stored()).isZero();
        }
    }

    /** What the deferrals should do, in as few words as there are. */
    private static final class Model {

        private record Place(long due, int step) implements Comparable<Place> {
            @Override
            public int compareTo(Place other) {
                return due != other.due ? Long.compare(due, other.due) : Integer.compare(step, other.step);
            }
        }

        private final TreeMap<Place, String> waiting = new TreeMap<>();
        private final Map<String, Place> places = new HashMap<>();
        private final List<String> out = new ArrayList<>();
        private long lastDue;

        void defer(String id, String value, long due, int step) {
            Place old = places.remove(id);
            if (old != null) {
                waiting.remove(old);
            }
            Place place = new Place(Math.max(due, lastDue), step);
            places.put(id, place);
            waiting.put(place, value);
        }

        void recall(String id, long now, int step) {
            Place place = places.get(id);
            if (place != null) {
                defer(id, waiting.get(place), now, step);
            }
        }

        void advance(long now) {
            while (!waiting.isEmpty()) {
                if (waiting.firstKey().due > now) {
                    return;
                }
                lastDue = waiting.firstKey().due;
                String value = waiting.pollFirstEntry().getValue();
                places.remove(value.substring(0, value.indexOf('@')));
                out.add(value);
            }
        }

        List<String> delivered() {
            List<String> delivered = List.copyOf(out);
            out.clear();
            return delivered;
        }
    }
}
