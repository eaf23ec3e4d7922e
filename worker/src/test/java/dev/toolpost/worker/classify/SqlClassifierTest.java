package dev.toolpost.worker.classify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.sql.SqlError;
import dev.toolpost.worker.sql.SqlOutcome;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What errors of databases mean by the rules of a connector. */
class SqlClassifierTest {

    private static final Connector SHOP = new ConnectorLoader().load("shop.yaml", """
            vendor: shop
            title: Shop
            executor: sql
            base_url: jdbc:postgresql://{host}/shop
            variables: { host: { kind: host } }
            auth: [{ kind: password }]
            errors:
              rules:
                - { when: { sqlstate: P0002 }, tools: [list_orders, get_order], means: END_OF_DATA }
                - { when: { sqlstate: P0002 }, tools: [get_order], means: NOT_FOUND }
                - { when: { sqlstate: P0002 }, means: CONFLICT }
            tools:
              list_orders:
                description: Lists all orders of the shop, page by page, for tests of what errors mean.
                effect: read
                statement: { sql: "SELECT id FROM orders" }
                paging: { kind: keyset, key: { id: bigint } }
              get_order:
                description: Returns the newest order of the shop, for tests of what errors mean.
                effect: read
                statement: { sql: "SELECT newest()" }
              drop_order:
                description: Drops the oldest order of the shop, for tests of what errors mean.
                effect: write
                statement: { sql: "SELECT drop_oldest()" }
            """);

    private static Verdict failed(String tool) {
        return SqlClassifier.classify(
                SHOP,
                Objects.requireNonNull(SHOP.tools().get("shop_" + tool)),
                new SqlOutcome.Failed(
                        new SqlError("P0002", "no data found", Map.of(), null, false),
                        true,
                        false,
                        Duration.ofMillis(1)));
    }

    @Test
    void theEndOfTheDataIsAnEmptyPageOfAListAndNothingToOtherTools() {
        Verdict.Success end = (Verdict.Success) failed("list_orders");
        assertThat(new String(end.body(), UTF_8)).isEqualTo("[]");
        assertThat(end.nextCursor()).isNull();
        assertThat(end.records()).isZero();
    }

    @Test
    void rulesAreAboutTheToolsThatTheyName() {
        assertThat(((Verdict.Failed) failed("get_order")).error().code()).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(((Verdict.Failed) failed("drop_order")).error().code()).isEqualTo(ErrorCode.CONFLICT);
    }
}
