package dev.toolpost.scheduler.deferral;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoredDeferralTest {

    @Test
    void whatIsStoredIsReadAsItWas() {
        StoredDeferral whole = new StoredDeferral(
                "acme/crm/tool/ü",
                "toolpost.resume.crm",
                7,
                new byte[] {1, 2},
                new byte[100_000],
                List.of(new StoredDeferral.Header("a", new byte[0]), new StoredDeferral.Header("b", new byte[] {0, -1
                })));
        StoredDeferral bare = new StoredDeferral("x", "toolpost.batch.crm", null, null, null, List.of());
        for (StoredDeferral each : List.of(whole, bare)) {
            StoredDeferral read = StoredDeferral.of(each.bytes());
            assertThat(read).usingRecursiveComparison().isEqualTo(each);
        }
        assertThat(whole.toString()).isEqualTo("StoredDeferral[acme/crm/tool/ü to toolpost.resume.crm-7]");
    }

    @Test
    void whatANewerVersionStoredIsRefusedAndNotGuessedAt() {
        byte[] stored = new StoredDeferral("x", "toolpost.batch.crm", null, null, null, List.of()).bytes();
        stored[0] = 2;
        assertThatThrownBy(() -> StoredDeferral.of(stored))
                .hasMessage("a stored deferral of version 2 (expected: 1): the state is of a newer version, run that");
        byte[] key = new DueKey(5, 6).bytes();
        key[0] = 2;
        assertThatThrownBy(() -> DueKey.of(key)).hasMessageContaining("newer version");
        assertThatThrownBy(() -> StoredDeferral.of(new byte[] {1, 0, 0})).hasMessageContaining("3 bytes breaks off");
    }

    @Test
    void placesSortAsBytesAsTheyDoInTime() {
        List<DueKey> ordered = List.of(
                DueKey.FIRST,
                new DueKey(0, 1),
                new DueKey(1, 0),
                new DueKey(255, 256),
                new DueKey(256, 255),
                new DueKey(1_795_000_000_000L, 3),
                new DueKey(Long.MAX_VALUE, Long.MAX_VALUE));
        for (int i = 1; i < ordered.size(); i++) {
            assertThat(ordered.get(i)).isGreaterThan(ordered.get(i - 1));
            assertThat(Arrays.compareUnsigned(
                            ordered.get(i).bytes(), ordered.get(i - 1).bytes()))
                    .isPositive();
            assertThat(DueKey.of(ordered.get(i).bytes())).isEqualTo(ordered.get(i));
        }
    }
}
