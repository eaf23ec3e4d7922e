package dev.toolpost.scheduler.job.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TurnsTest {
    private long arrivals;

    @Test
    void neverMoreGoThanAConnectionAndTheVendorMayHave() {
        Turns turns = new Turns(2, 5);
        for (int i = 0; i < 10; i++) {
            turns.offer(part("one" + i, "acme", "a", 5));
            turns.offer(part("two" + i, "acme", "b", 5));
            turns.offer(part("three" + i, "other", "a", 5));
        }

        List<Waiting> gone = drain(turns);

        assertThat(gone).hasSize(5);
        assertThat(gone.stream().filter(part -> part.place().equals("acme/a"))).hasSizeLessThanOrEqualTo(2);
        assertThat(gone.stream().filter(part -> part.place().equals("other/a"))).hasSize(2);
    }

    @Test
    void tenantsTakeTurns() {
        Turns turns = new Turns(100, 1);
        for (int i = 0; i < 4; i++) {
            turns.offer(part("a" + i, "acme", "x", 9));
        }
        for (int i = 0; i < 2; i++) {
            turns.offer(part("b" + i, "bolt", "x", 1));
            turns.offer(part("c" + i, "cord", "x", 5));
        }

        assertThat(oneAfterAnother(turns)).containsExactly("a0", "b0", "c0", "a1", "b1", "c1", "a2", "a3");
    }

    @Test
    void priorityGoesFirstWithinATenantThenWhoCameFirst() {
        Turns turns = new Turns(100, 1);
        turns.offer(part("low", "acme", "x", 1));
        turns.offer(part("first", "acme", "x", 5));
        turns.offer(part("second", "acme", "y", 5));
        turns.offer(part("high", "acme", "y", 9));

        assertThat(oneAfterAnother(turns)).containsExactly("high", "first", "second", "low");
    }

    @Test
    void aFullConnectionKeepsNoOtherWaiting() {
        Turns turns = new Turns(1, 10);
        turns.offer(part("x0", "acme", "x", 9));
        turns.offer(part("x1", "acme", "x", 9));
        turns.offer(part("y0", "acme", "y", 1));

        assertThat(drain(turns).stream().map(part -> part.key().jobId())).containsExactly("x0", "y0");
    }

    @Test
    void aTenantThatComesLateFindsAPlaceAtOnce() {
        Turns turns = new Turns(100, 8);
        for (int i = 0; i < 20; i++) {
            turns.offer(part("a" + i, "acme", "x", 9));
        }
        assertThat(drain(turns)).hasSize(6);

        turns.offer(part("late", "bolt", "x", 1));

        assertThat(turns.next().orElseThrow().key().jobId()).isEqualTo("late");
    }

    @Test
    void theTenantWithFewerAtWorkersCatchesUp() {
        Turns turns = new Turns(100, 8);
        for (int i = 0; i < 20; i++) {
            turns.offer(part("a" + i, "acme", "x", 9));
        }
        List<Waiting> ofAcme = drain(turns);
        for (int i = 0; i < 20; i++) {
            turns.offer(part("b" + i, "bolt", "x", 1));
        }
        drain(turns);
        for (int i = 0; i < 4; i++) {
            turns.freed(ofAcme.get(i).key(), 0);
            assertThat(turns.next().orElseThrow().tenant()).isEqualTo(i < 2 ? "bolt" : "acme");
        }
    }

    @Test
    void whatIsInLineOrAtAWorkerDoesNotJoinAgain() {
        Turns turns = new Turns(1, 1);
        Waiting part = part("job", "acme", "x", 5);

        assertThat(turns.offer(part)).isTrue();
        assertThat(turns.offer(part)).isFalse();
        turns.next();
        assertThat(turns.offer(part)).isFalse();
        assertThat(turns.freed(part.key(), 1)).as("another run").isNull();
        assertThat(turns.freed(part.key(), 0)).isEqualTo(part);
        assertThat(turns.freed(part.key(), 0)).isNull();
        assertThat(turns.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nobodyStarvesAndBoundsHoldWhateverComesAndGoes(long seed) {
        Random random = new Random(seed);
        Turns turns = new Turns(3, 12);
        List<Waiting> flying = new ArrayList<>();
        int joined = 0;
        int gone = 0;
        for (int step = 0; step < 5_000; step++) {
            int tenant = random.nextInt(random.nextInt(6) + 1);
            if (random.nextInt(3) > 0 && turns.waiting() < 300) {
                turns.offer(part("p" + joined++, "t" + tenant, "c" + random.nextInt(4), 1 + random.nextInt(9)));
            }
            if (!flying.isEmpty() && random.nextInt(3) > 0) {
                Waiting over = flying.remove(random.nextInt(flying.size()));
                assertThat(turns.freed(over.key(), 0)).isNotNull();
            }
            for (Optional<Waiting> next = turns.next(); next.isPresent(); next = turns.next()) {
                Waiting part = next.get();
                flying.add(part);
                gone++;
            }
            assertThat(flying).hasSizeLessThanOrEqualTo(12);
            Map<String, Long> places = new HashMap<>();
            flying.forEach(part -> places.merge(part.place(), 1L, Long::sum));
            assertThat(places.values()).allMatch(count -> count <= 3);
            assertThat(turns.waiting() + gone).isEqualTo(joined);
        }
        while (!turns.isEmpty()) {
            flying.forEach(part -> turns.freed(part.key(), 0));
            flying.clear();
            flying.addAll(drain(turns));
            gone += flying.size();
        }
        assertThat(gone).isEqualTo(joined);
    }

    @Test
    void anUnluckyTenantGoesWithinOneRound() {
        Turns turns = new Turns(100, 1);
        IntStream.range(0, 9)
                .forEach(i -> IntStream.range(0, 50)
                        .forEach(j -> turns.offer(part("loud" + i + "-" + j, "loud" + i, "x", 9))));
        drain(turns).forEach(part -> turns.freed(part.key(), 0));
        turns.offer(part("quiet", "zz-quiet", "x", 1));

        assertThat(oneAfterAnother(turns).indexOf("quiet")).isLessThan(10);
    }

    @Test
    @Timeout(60) // a look at everybody each time would take many minutes
    void whoGoesIsFoundAsFastAmongAHundredThousandConnectionsOfOneTenantOrOfAsMany() {
        int connections = 100_000;
        for (boolean oneTenant : new boolean[] {true, false}) {
            Turns turns = new Turns(1, connections);
            for (int i = 0; i < connections; i++) {
                String tenant = oneTenant ? "acme" : "t" + i;
                turns.offer(part("other" + i, tenant, "c" + i, 5));
                turns.offer(part("p" + i, tenant, "c" + i, 5));
            }
            List<Waiting> gone = drain(turns);
            assertThat(gone).hasSize(oneTenant ? connections - connections / 4 : connections);
            gone.forEach(part -> turns.freed(part.key(), 0));
            assertThat(oneAfterAnother(turns)).hasSize(2 * connections - gone.size());
            assertThat(turns.isEmpty()).isTrue();
        }
    }

    /** The rule as it is told, by a look at everybody who waits. */
    private static Optional<Waiting> byLookingAtAll(
            Collection<Waiting> waiting, Collection<Waiting> flying, int ofConnection, int ofVendor, String last) {
        Map<String, Long> places =
                flying.stream().collect(Collectors.groupingBy(Waiting::place, Collectors.counting()));
        Map<String, Long> tenants =
                flying.stream().collect(Collectors.groupingBy(Waiting::tenant, Collectors.counting()));
        if (flying.size() >= ofVendor) {
            return Optional.empty();
        }
        boolean nearlyFull = flying.size() >= ofVendor - ofVendor / 4;
        return waiting.stream()
                .filter(part -> places.getOrDefault(part.place(), 0L) < ofConnection)
                .filter(part -> !(nearlyFull && tenants.size() == 1 && tenants.containsKey(part.tenant())))
                .min(Comparator.<Waiting>comparingLong(part -> tenants.getOrDefault(part.tenant(), 0L))
                        .thenComparing(part -> part.tenant().compareTo(last) <= 0)
                        .thenComparing(Waiting::tenant)
                        .thenComparing(
                                Comparator.comparingInt(Waiting::priority).reversed())
                        .thenComparingLong(Waiting::arrival));
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void theOneWhoGoesIsTheOneWhomALookAtAllFinds(long seed) {
        Random random = new Random(seed);
        Turns turns = new Turns(2, 9);
        Map<PartKey, Waiting> waiting = new LinkedHashMap<>();
        List<Waiting> flying = new ArrayList<>();
        for (int step = 0; step < 2_000; step++) {
            String tenant = "t" + random.nextInt(random.nextInt(5) + 1);
            Waiting joins = part("p" + step, tenant, "c" + random.nextInt(3), 1 + random.nextInt(3));
            if (waiting.size() < 60 && turns.offer(joins)) {
                waiting.put(joins.key(), joins);
            }
            if (random.nextInt(8) == 0 && !waiting.isEmpty()) {
                PartKey leaves = List.copyOf(waiting.keySet()).get(random.nextInt(waiting.size()));
                assertThat(turns.withdraw(leaves, 0)).isEqualTo(waiting.remove(leaves));
            }
            if (random.nextInt(3) > 0 && !flying.isEmpty()) {
                turns.freed(flying.remove(random.nextInt(flying.size())).key(), 0);
            }
            while (true) {
                Optional<Waiting> expected = byLookingAtAll(waiting.values(), flying, 2, 9, turns.last());
                Optional<Waiting> next = turns.next();
                assertThat(next).isEqualTo(expected);
                if (next.isEmpty()) {
                    break;
                }
                waiting.remove(next.get().key());
                flying.add(next.get());
            }
        }
    }

    private static List<Waiting> drain(Turns turns) {
        List<Waiting> gone = new ArrayList<>();
        turns.next().ifPresent(gone::add);
        for (Optional<Waiting> next = turns.next(); next.isPresent(); next = turns.next()) {
            gone.add(next.get());
        }
        return gone;
    }

    private static List<String> oneAfterAnother(Turns turns) {
        List<String> order = new ArrayList<>();
        for (Optional<Waiting> next = turns.next(); next.isPresent(); next = turns.next()) {
            order.add(next.get().key().jobId());
            turns.freed(next.get().key(), 0);
        }
        return order;
    }

    private Waiting part(String job, String tenant, String connection, int priority) {
        return new Waiting(new PartKey(job, 0), 0, "vendor", tenant, connection, priority, arrivals++);
    }
}
