package dev.toolpost.worker.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlotsTest {

    @Test
    void slotsDoWhatASortedListDoesInAnyOrderOfTimes() {
        for (long seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            Slots slots = new Slots();
            List<Long> model = new ArrayList<>();
            long now = 0;
            for (int step = 0; step < 300; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2, 3 -> {
                        long due = now + random.nextInt(50);
                        int count = 1 + random.nextInt(3);
                        slots.add(due, count);
                        for (int i = 0; i < count; i++) {
                            model.add(due);
                        }
                        model.sort(null);
                    }
                    case 4, 5, 6 -> {
                        now += random.nextInt(20);
                        long upTo = now;
                        int before = model.size();
                        model.removeIf(due -> due <= upTo);
                        assertThat(slots.takeDue(now)).isEqualTo(before - model.size());
                    }
                    default -> {
                        int limit = random.nextInt(40);
                        slots.keepLatest(limit);
                        while (model.size() > limit) {
                            model.removeFirst();
                        }
                    }
                }
                assertThat(slots.total()).isEqualTo(model.size());
                if (!model.isEmpty()) {
                    int n = 1 + random.nextInt(model.size());
                    assertThat(slots.dueOf(n)).isEqualTo(model.get(n - 1));
                }
            }
        }
    }
}
