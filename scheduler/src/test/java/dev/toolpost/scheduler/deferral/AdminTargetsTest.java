package dev.toolpost.scheduler.deferral;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdminTargetsTest {

    private final Map<String, TopicLookup.Found> topics = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private long nanos;
    private boolean silent;

    private final AdminTargets targets = new AdminTargets(this::find, () -> nanos);

    private TopicLookup.Found find(String topic) throws TopicLookup.NoAnswerException {
        asked.add(topic);
        if (silent) {
            throw new TopicLookup.NoAnswerException("no answer", new IllegalStateException());
        }
        return topics.getOrDefault(topic, new TopicLookup.Found(TopicLookup.NONE, TopicLookup.UNBOUNDED));
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    @Test
    void aTopicThatIsThereIsBelievedForAMinuteAndOneThatIsMissingForSeconds() {
        topics.put("there", new TopicLookup.Found(3, 1_000));
        assertThat(targets.of("there", 2)).isEqualTo(Targets.Standing.THERE);
        assertThat(targets.of("missing", 0)).isEqualTo(Targets.Standing.MISSING);
        assertThat(targets.mostBytes("there")).isEqualTo(1_000);
        pass(Duration.ofSeconds(4));
        targets.of("there", 0);
        targets.of("missing", 0);
        assertThat(asked).containsExactly("there", "missing");
        pass(Duration.ofSeconds(2));
        targets.of("there", 0);
        targets.of("missing", 0);
        assertThat(asked).containsExactly("there", "missing", "missing");
    }

    @Test
    void whatIsNoNameOfATopicIsMissingAndNobodyIsAsked() {
        for (String name : new String[] {"", ".", "..", "a b", "a/b", "a\n", "\u00e4", "a".repeat(250)}) {
            assertThat(targets.of(name, 0)).as(name).isEqualTo(Targets.Standing.MISSING);
        }
        assertThat(asked).isEmpty();
    }

    @Test
    void ofManyNamesTheLastThousandAreRemembered() {
        for (int i = 0; i <= 1_000; i++) {
            targets.of("t" + i, 0);
        }
        asked.clear();
        targets.of("t1000", 0);
        targets.of("t1", 0);
        assertThat(asked).isEmpty();
        targets.of("t0", 0);
        assertThat(asked).containsExactly("t0");
    }

    @Test
    void whereNobodyAnswersNobodyIsAskedForAWhileAndWhatWasThereIsBelieved() {
        topics.put("there", new TopicLookup.Found(1, 1_000));
        targets.of("there", 0);
        pass(Duration.ofMinutes(2));
        silent = true;
        asked.clear();
        assertThat(targets.of("there", 0)).isEqualTo(Targets.Standing.THERE);
        assertThat(targets.of("other", 0)).isEqualTo(Targets.Standing.UNKNOWN);
        assertThat(asked).containsExactly("there");
        silent = false;
        pass(Duration.ofSeconds(1));
        assertThat(targets.of("other", 0)).isEqualTo(Targets.Standing.MISSING);
    }

    @Test
    void whatIsForgottenIsAskedForAnew() {
        topics.put("there", new TopicLookup.Found(1, 1_000));
        targets.of("there", 0);
        topics.put("there", new TopicLookup.Found(1, 500));
        targets.forget();
        targets.of("there", 0);
        assertThat(targets.mostBytes("there")).isEqualTo(500);
    }
}
