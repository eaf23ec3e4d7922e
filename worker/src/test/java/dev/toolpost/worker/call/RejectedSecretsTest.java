package dev.toolpost.worker.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.reply.CallError;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RejectedSecretsTest {

    private static final CallOutcome OUTCOME =
            new CallOutcome.Failure(CallError.of(ErrorCode.REAUTHORIZATION_REQUIRED, "rejected", null));
    private static final StoredConnection OLD = stored("old");
    private static final StoredConnection FRESH = stored("fresh");

    private long now = -5;
    private final RejectedSecrets rejections = new RejectedSecrets(() -> now);

    private static StoredConnection stored(String token) {
        return new StoredConnection(
                ConnectionRecord.of("acme", "sales", "hubspot", "bearer"), Secret.of("token", token), 1);
    }

    private void reject(int times) {
        for (int i = 0; i < times; i++) {
            rejections.rejected(OLD, OUTCOME);
        }
    }

    private boolean isSent(StoredConnection stored) {
        return rejections.outcomeOf(stored) == null;
    }

    private void pass(long seconds) {
        now += Duration.ofSeconds(seconds).toNanos();
    }

    @Test
    void oneRejectionOrTwoStopNobody() {
        reject(2);
        assertThat(isSent(OLD)).isTrue();
        rejections.accepted(OLD);
        reject(2);
        assertThat(isSent(OLD)).isTrue();
    }

    @Test
    void threeInARowStopTheRestForAWhileAndLongerEachTime() {
        reject(100);
        assertThat(rejections.outcomeOf(OLD)).isSameAs(OUTCOME);
        for (long block : new long[] {10, 20, 40, 80, 160, 320, 320}) {
            pass(block - 1);
            assertThat(isSent(OLD)).as("after %d s", block - 1).isFalse();
            pass(1);
            assertThat(isSent(OLD)).as("after %d s", block).isTrue();
            reject(1);
            assertThat(isSent(OLD)).isFalse();
        }
    }

    @Test
    void anotherSecretIsTriedAtOnceAndASuccessForgetsAll() {
        reject(3);
        assertThat(isSent(FRESH)).isTrue();
        rejections.rejected(FRESH, OUTCOME);
        assertThat(isSent(FRESH)).isTrue();
        reject(3);
        rejections.accepted(OLD);
        assertThat(isSent(OLD)).isTrue();
    }
}
