package dev.toolpost.worker.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.call.VendorHealth.Admission;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.classify.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class VendorHealthTest {

    private final VendorHealth health = new VendorHealth(() -> 0);

    @Test
    void oneCustomersServerThatFailsHoldsBackNobodyElses() {
        String failing = "acme.my.salesforce.com";
        String well = "umbrella.my.salesforce.com";
        for (int i = 0; i < 100 && health.admit("salesforce", failing, true) instanceof Admission.Admitted one; i++) {
            one.pass()
                    .ended(new Verdict.Retryable(
                            false,
                            null,
                            new VendorError(ErrorCode.UNAVAILABLE, "down", 503, null, List.of(), null, null)));
        }

        assertThat(health.admit("salesforce", failing, true)).isInstanceOf(Admission.Refused.class);
        assertThat(health.admit("salesforce", well, true)).isInstanceOf(Admission.Admitted.class);
        assertThat(health.positionNames())
                .containsEntry("salesforce acme.my.salesforce.com", "OPEN")
                .containsEntry("salesforce umbrella.my.salesforce.com", "CLOSED");
    }
}
