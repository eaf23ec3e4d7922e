package dev.toolpost.scheduler.fencing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whose transactions are ended, and whose never. */
class OrphansTest {

    private static final UUID SELF = new UUID(0, 1);
    private static final UUID OTHER = new UUID(0, 2);

    /** Processes and their group; before each question whatever a test wants happens. */
    private static final class Model implements Cluster {

        private static final class Life {
            private boolean alive = true;
            private boolean member = true;
            private @Nullable OpenTransaction open;
        }

        private final Map<UUID, Life> lives = new LinkedHashMap<>();
        private final List<String> asked = new ArrayList<>();
        private Set<UUID> membersWhenAsked = Set.of();
        private List<OpenTransaction> openAtFirst = List.of();
        private boolean strangers;
        private int epoch;
        private Runnable meanwhile = () -> {};

        private Life join(UUID process) {
            return lives.computeIfAbsent(process, each -> new Life());
        }

        private void begin(UUID process) {
            join(process).open = new OpenTransaction("app-" + process + "-1", process, 7, ++epoch, epoch);
        }

        private void die(UUID process) {
            join(process).alive = false;
        }

        private void expel(UUID process) {
            join(process).member = false;
        }

        private List<OpenTransaction> present() {
            List<OpenTransaction> open = new ArrayList<>();
            for (Life life : lives.values()) {
                if (life.open != null) {
                    open.add(life.open);
                }
            }
            return open;
        }

        @Override
        public List<OpenTransaction> open() {
            meanwhile.run();
            if (asked.isEmpty()) {
                openAtFirst = present();
            }
            asked.add("open");
            return present();
        }

        @Override
        public Optional<Set<UUID>> members() {
            meanwhile.run();
            asked.add("members");
            Set<UUID> members = new HashSet<>();
            lives.forEach((process, life) -> {
                if (life.member) {
                    members.add(process);
                }
            });
            membersWhenAsked = members;
            return strangers ? Optional.empty() : Optional.of(members);
        }

        @Override
        public Set<String> fence(Collection<String> transactionalIds) {
            return Set.copyOf(transactionalIds);
        }
    }

    private static List<String> find(Model model) throws Exception {
        return new Orphans(model, SELF).find();
    }

    @Test
    void whoDiedAndIsNoLongerAMemberIsEnded() throws Exception {
        Model model = new Model();
        model.join(SELF);
        model.begin(OTHER);
        model.die(OTHER);
        assertThat(find(model)).isEmpty();

        model.expel(OTHER);
        assertThat(find(model)).containsExactly("app-" + OTHER + "-1");
    }

    @Test
    void membersAreAskedAfterTheTransactionsAndTheTransactionsAgain() throws Exception {
        Model model = new Model();
        model.begin(OTHER);
        model.expel(OTHER);
        find(model);
        assertThat(model.asked).containsExactly("open", "members", "open");
    }

    @Test
    void nobodyIsAskedMoreThanIsNeeded() throws Exception {
        Model model = new Model();
        model.begin(SELF);
        model.expel(SELF);
        assertThat(find(model)).isEmpty();
        model.begin(OTHER);
        assertThat(find(model)).isEmpty();
        assertThat(model.asked).containsExactly("open", "open", "members");
    }

    @Test
    void whoGoesOnWithAnotherTransactionIsAlive() throws Exception {
        Model model = new Model();
        model.begin(OTHER);
        model.expel(OTHER);
        model.meanwhile = () -> model.begin(OTHER);
        assertThat(find(model)).isEmpty();
    }

    @Test
    void whereAMemberDoesNotSayWhoItIsNothingIsEnded() throws Exception {
        Model model = new Model();
        model.begin(OTHER);
        model.expel(OTHER);
        model.strangers = true;
        assertThat(find(model)).isEmpty();
    }

    @Test
    void onlyAnEarlierLifeOfThisProcessIsEndedAtItsStart() throws Exception {
        Model model = new Model();
        model.begin(SELF);
        model.begin(OTHER);
        assertThat(new Orphans(model, SELF).ofEarlierLife()).containsExactly("app-" + SELF + "-1");
    }

    /** Processes come, work, are thrown out, come again and die while somebody looks. */
    @Test
    void overRandomLivesNobodyWhoIsAMemberIsEndedAndNobodyDeadIsForgotten() throws Exception {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            Model model = new Model();
            List<UUID> processes = List.of(SELF, OTHER, new UUID(0, 3), new UUID(0, 4));
            Runnable life = () -> {
                for (int step = random.nextInt(6); step > 0; step--) {
                    live(model, processes.get(random.nextInt(processes.size())), random.nextInt(6));
                }
            };
            for (int look = 0; look < 10; look++) {
                model.meanwhile = life;
                model.asked.clear();
                Set<String> ended = new HashSet<>(find(model));
                for (OpenTransaction each : model.present()) {
                    if (ended.remove(each.transactionalId())) {
                        assertThat(model.openAtFirst).as("seed %d", seed).contains(each);
                        assertThat(model.membersWhenAsked).as("seed %d", seed).doesNotContain(each.process());
                        assertThat(each.process()).as("seed %d", seed).isNotEqualTo(SELF);
                    }
                }
                assertThat(ended).as("seed %d: had not been open", seed).isEmpty();
            }
            model.meanwhile = () -> {};
            Set<String> dead = new HashSet<>();
            model.lives.forEach((process, each) -> {
                if (!each.alive && !process.equals(SELF)) {
                    each.member = false;
                    if (each.open != null) {
                        dead.add(each.open.transactionalId());
                    }
                }
                if (each.alive && each.open != null) {
                    each.member = true;
                }
            });
            assertThat(find(model)).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(dead);
        }
    }

    private static void live(Model model, UUID process, int what) {
        Model.Life life = model.join(process);
        if (!life.alive) {
            life.member = life.member && what != 0;
            return;
        }
        switch (what) {
            case 0 -> model.expel(process);
            case 1 -> life.member = true;
            case 2 -> model.die(process);
            case 3 -> life.open = null;
            default -> {
                if (life.member && life.open == null) {
                    model.begin(process);
                }
            }
        }
    }
}
