package dev.toolpost.connectors.skeleton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.ConnectorLinter;
import dev.toolpost.connectors.ConnectorLoader;
import org.junit.jupiter.api.Test;

class ConnectorSkeletonTest {
    @Test
    void everyBeginningIsCleanAsItStands() {
        for (String auth : ConnectorSkeleton.authKinds()) {
            String text = ConnectorSkeleton.of("acme_crm", "https://api.acme.example/v2/", auth);

            assertThat(new ConnectorLinter(new ConnectorLoader()).lint("acme.yaml", text))
                    .as(text)
                    .isEmpty();
            assertThat(text).contains("kind: " + auth).contains("base_url: https://api.acme.example/v2\n");
        }
    }

    @Test
    void whatCannotBeIsRefusedWithTheExpectation() {
        assertThatThrownBy(() -> ConnectorSkeleton.of("Acme", "https://a.example", "bearer"))
                .hasMessageContaining("vendor: Acme (expected: lower case");
        assertThatThrownBy(() -> ConnectorSkeleton.of("acme", "http://a.example", "bearer"))
                .hasMessageContaining("expected: https://");
        assertThatThrownBy(() -> ConnectorSkeleton.of("acme", "https://a.example\nauth: x", "bearer"))
                .hasMessageContaining("expected: https://");
        assertThatThrownBy(() -> ConnectorSkeleton.of("acme", "https://a.example", "magic"))
                .hasMessageContaining("one of [bearer");
    }
}
