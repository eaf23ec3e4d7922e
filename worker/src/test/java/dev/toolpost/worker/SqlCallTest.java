package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.BreakingProxy;
import dev.toolpost.worker.rig.Rig;
import dev.toolpost.worker.rig.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls of a database's tools through a worker: pages and traversals, writes that are journaled, retries, errors. */
@Timeout(120)
class SqlCallTest {

    private static final Duration BOUND = Duration.ofSeconds(40);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String SHOP = """
            vendor: shop
            title: Shop
            executor: sql
            base_url: jdbc:postgresql://{host}:{port}/{database}
            variables:
              host: { kind: host }
              port: { kind: port }
              database: { kind: segment }
            driver: { sslmode: disable }
            auth: [{ kind: password }]
            limits: { connections: { scope: connection, kind: concurrent, permits: 4 } }
            retry: { min_delay: 50ms, max_delay: 500ms }
            errors:
              rules:
                - when: { sqlstate: ["40001", "40P01", "55P03"] }
                  means: TRANSIENT
                  ends_as: CONFLICT
                - when: { sqlstate: ["57P01", "08xxx"] }
                  means: TRANSIENT
            tools:
              walk:
                description: Walks all rows of the large table by its key, for tests of traversals.
                effect: read
                arguments: { type: object, additionalProperties: false, properties: {} }
                statement: { sql: "SELECT id, body FROM callsql.large" }
                paging: { kind: keyset, key: { id: bigint }, page_size: { default: 100, max: 2000 } }
              count_up:
                description: Adds one to a counter after a while and returns it, for tests of writes.
                effect: write
                timeout: 20s
                arguments:
                  type: object
                  additionalProperties: false
                  properties:
                    seconds: { type: number, default: 0, description: "How long it sleeps before." }
                statement: { sql: "UPDATE callsql.counter SET n = n + 1 WHERE pg_sleep(:seconds) IS NOT NULL RETURNING n" }
            """;

    private static final ListAppender<ILoggingEvent> LOG = new ListAppender<>();

    private static TestDatabase database;
    private static BreakingProxy proxy;
    private static Rig rig;
    private static Agent agent;
    private static int calls;

    @BeforeAll
    static void start() throws IOException {
        ((Logger) LoggerFactory.getLogger("dev.toolpost")).addAppender(LOG);
        LOG.start();
        database = TestDatabase.shared();
        database.schema(
                "callsql",
                "CREATE TABLE large (id bigint PRIMARY KEY, body text NOT NULL)",
                "INSERT INTO large SELECT n, 'row ' || n FROM generate_series(1, 20000) AS n",
                "CREATE TABLE counter (n int)",
                "INSERT INTO counter VALUES (0)",
                "CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text UNIQUE, call_id text UNIQUE)");
        proxy = BreakingProxy.to(database.port());
        rig = Rig.start().withConnector("shop", SHOP);
        rig.owns(proxy);
        connection("postgres", "db", database.port(), Map.of("sslmode", "disable"));
        connection("shop", "shop", database.port(), Map.of());
        connection("shop", "far", proxy.port(), Map.of());
        rig.worker();
        agent = rig.agent();
    }

    private static void connection(String vendor, String name, int port, Map<String, String> more) {
        Map<String, String> variables =
                new HashMap<>(Map.of("host", "127.0.0.1", "port", String.valueOf(port), "database", "postgres"));
        variables.putAll(more);
        rig.connection(
                new ConnectionRecord(Rig.TENANT, name, vendor, "password", variables, Map.of(), Set.of(), Map.of()),
                Secret.of(Map.of("username", TestDatabase.ROLE, "password", TestDatabase.PASSWORD)));
    }

    @AfterAll
    static void stop() {
        rig.close();
        ((Logger) LoggerFactory.getLogger("dev.toolpost")).detachAppender(LOG);
        assertThat(List.copyOf(LOG.list))
                .extracting(ILoggingEvent::getFormattedMessage)
                .noneMatch(line -> line.contains(TestDatabase.PASSWORD));
    }

    @Test
    void anAgentReadsPageByPageWithItsCursor() {
        String sql = "{\"sql\":\"SELECT id FROM callsql.large ORDER BY id\",\"limit\":1500";
        ToolReply first = reply("postgres_query", "db", sql + "}", "");
        assertThat(first.getError()).isNull();
        assertThat(JSON.readTree(first.getContent()).size()).isEqualTo(1_500);
        ToolReply second =
                reply("postgres_query", "db", sql + ",\"next_cursor\":\"" + first.getNextCursor() + "\"}", "");
        assertThat(JSON.readTree(second.getContent()).path(0).path("id").asInt())
                .isEqualTo(1_501);
        ToolReply forged = reply(
                "postgres_query", "db", "{\"sql\":\"SELECT 1\",\"next_cursor\":\"" + first.getNextCursor() + "\"}", "");
        assertThat(forged.getError().getCode()).isEqualTo("INVALID_CURSOR");
    }

    @Test
    void aTraversalStreamsEveryRowOnce() {
        for (String tool : List.of("shop_walk", "postgres_query")) {
            String id = send(
                    tool,
                    tool.startsWith("shop") ? "shop" : "db",
                    tool.startsWith("shop") ? "{}" : "{\"sql\":\"SELECT id FROM callsql.large ORDER BY id\"}",
                    ",\"paging\":{\"mode\":\"all\"}");
            List<ToolReply> frames = agent.answer(id, BOUND);
            int expected = 1;
            for (ToolReply frame : frames) {
                assertThat(frame.getError()).as(tool).isNull();
                for (JsonNode row : JSON.readTree(frame.getContent() == null ? "[]" : frame.getContent())) {
                    assertThat(row.path("id").asInt()).isEqualTo(expected++);
                }
            }
            assertThat(expected).as(tool).isEqualTo(20_001);
        }
    }

    @Test
    void aWriteHappensOnceHoweverOftenItIsCalled() {
        String insert = "{\"schema\":\"callsql\",\"table\":\"orders\",\"row\":{\"item\":\"once\"}}";
        agent.call("write-1", "postgres_insert", "db", insert);
        ToolReply first = agent.reply("write-1", BOUND);
        assertThat(first.getError()).isNull();
        agent.call("write-1", "postgres_insert", "db", insert);
        TestDatabase.await("the recorded reply comes", BOUND, () -> {
            agent.read(Duration.ofMillis(200));
            return agent.frames("write-1").size() == 2;
        });
        assertThat(agent.frames("write-1").get(1).reply().getContent()).isEqualTo(first.getContent());
        assertThat(database.value("SELECT count(*) FROM callsql.orders WHERE item = 'once'"))
                .isEqualTo("1");

        ToolError twice = reply("postgres_insert", "db", insert, "").getError();
        assertThat(twice.getCode()).isEqualTo("CONFLICT");
        assertThat(twice.getVendorCode()).isEqualTo("23505");
        ToolReply keyed = reply(
                "postgres_insert_once",
                "db",
                "{\"schema\":\"callsql\",\"table\":\"orders\",\"row\":{\"item\":\"keyed\"},\"call_id_column\":\"call_id\"}",
                "");
        assertThat(JSON.readTree(keyed.getContent()).path(0).path("call_id").asString())
                .isNotEmpty();
    }

    @Test
    void aTransactionThatLosesToAnotherIsMadeAgain() throws Exception {
        database.execute("ALTER ROLE " + TestDatabase.ROLE + " SET default_transaction_isolation = 'serializable'");
        try (Connection other = database.superuser();
                Statement statement = other.createStatement()) {
            connection("shop", "strict", database.port(), Map.of());
            String id = send("shop_count_up", "strict", "{\"seconds\":1}", "");
            database.runs("counter SET");
            statement.execute("UPDATE callsql.counter SET n = n + 100");
            ToolReply reply = agent.reply(id, BOUND);

            assertThat(reply.getError()).isNull();
            assertThat(reply.getStats().getAttempts()).isGreaterThan(1);
            assertThat(JSON.readTree(reply.getContent()).path(0).path("n").asInt())
                    .isGreaterThan(100);
        } finally {
            database.execute("ALTER ROLE " + TestDatabase.ROLE + " RESET default_transaction_isolation");
        }
    }

    @Test
    void aWriteWhoseConnectionBreaksHasAnUnknownOutcomeAndIsNotRepeated() {
        String id = send("shop_count_up", "far", "{\"seconds\":10}", "");
        String pid = database.runs("counter SET");
        proxy.breakAll();
        ToolError unknown = agent.reply(id, BOUND).getError();

        assertThat(unknown.getCode()).isEqualTo("OUTCOME_UNKNOWN");
        assertThat(unknown.getRetryable()).isFalse();
        database.value("SELECT pg_terminate_backend(" + pid + ")");
    }

    @Test
    void whatADryRunShowsHoldsNoSecret() {
        ToolReply shown = reply(
                "postgres_delete",
                "db",
                "{\"schema\":\"callsql\",\"table\":\"orders\",\"where\":{\"id\":1}}",
                ",\"dry_run\":true");

        JsonNode request = JSON.readTree(shown.getContent());
        assertThat(request.path("statement").asString()).startsWith("DELETE FROM \"callsql\".\"orders\"");
        assertThat(request.path("parameters").path(0).asString()).isEqualTo("{\"id\":1}");
        assertThat(shown.getContent()).doesNotContain(TestDatabase.PASSWORD);
    }

    @Test
    void aReadThatWritesIsNotAllowed() {
        database.execute(
                "CREATE OR REPLACE FUNCTION callsql.sly() RETURNS int LANGUAGE sql AS 'UPDATE callsql.counter SET n = -1 RETURNING n'");
        ToolError refused = reply("postgres_query", "db", "{\"sql\":\"SELECT callsql.sly()\"}", "")
                .getError();

        assertThat(refused.getCode()).isEqualTo("NOT_ALLOWED");
        assertThat(refused.getVendorCode()).isEqualTo("25006");
    }

    private static ToolReply reply(String tool, String connection, String arguments, String more) {
        return agent.reply(send(tool, connection, arguments, more), BOUND);
    }

    private static String send(String tool, String connection, String arguments, String more) {
        String id = "sql-" + calls++;
        agent.call(id, tool, connection, arguments, more);
        return id;
    }
}
