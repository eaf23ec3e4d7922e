package dev.toolpost.worker.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.call.VendorHealth.Admission;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.http.VendorRequest;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class VendorHealthTest {

    private final VendorHealth health = new VendorHealth(() -> 0);

    @Test
    void oneCustomersServerThatFailsHoldsBackNobodyElses() {
        VendorRequest failing = request("https://acme.my.salesforce.com/services/data");
        VendorRequest well = request("https://umbrella.my.salesforce.com/services/data");
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

    private static VendorRequest request(String uri) {
        return new VendorRequest("GET", URI.create(uri), List.of(), null);
    }
}
