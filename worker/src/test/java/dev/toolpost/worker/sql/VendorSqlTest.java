package dev.toolpost.worker.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.connectors.Tool;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.classify.SqlClassifier;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.request.RequestBuilder;
import dev.toolpost.worker.request.RequestProblemException;
import dev.toolpost.worker.rig.BreakingProxy;
import dev.toolpost.worker.rig.TestDatabase;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tools of the catalogue's database, and statements of a definition, against a real server. */
@Timeout(120)
class VendorSqlTest {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private static final Connector BUNDLED =
            Objects.requireNonNull(ConnectorCatalogue.bundled().byVendor("postgres"));

    /** The bundled one with statements that a customer would write. */
    private static final Connector SHOP = new ConnectorLoader().load("shop.yaml", """
            vendor: shop
            title: Shop
            executor: sql
            base_url: jdbc:postgresql://{host}:{port}/{database}
            variables:
              host: { kind: host }
              port: { kind: port, default: "5432" }
              database: { kind: segment }
            driver: { sslmode: disable }
            auth: [{ kind: password }]
            limits: { connections: { scope: connection, kind: concurrent, permits: 4 } }
            errors:
              rules:
                - when: { sqlstate: ["40001", "40P01", "55P03"] }
                  means: TRANSIENT
                  ends_as: CONFLICT
                - when: { sqlstate: "57014", body: { /timed_out: true } }
                  means: DEADLINE_EXCEEDED
                - when: { sqlstate: ["53xxx", "57P01", "57P02", "57P03", "08xxx", "40003"] }
                  means: TRANSIENT
            tools:
              find_things:
                description: Returns the things of some kinds that are not older than a moment, for tests of parameters.
                effect: read
                arguments:
                  type: object
                  additionalProperties: false
                  properties:
                    kinds: { type: array, items: { type: string }, description: "Kinds, for example bolt." }
                    since: { type: string, description: "A moment as ISO 8601." }
                    price: { type: number, description: "The exact price." }
                    tags: { type: object, description: "Tags that a thing has." }
                statement:
                  sql: |
                    SELECT id, kind, price FROM sqltest.things -- what's :not a {parameter}
                    WHERE (:kinds IS NULL OR kind = ANY (:kinds)) AND (:since IS NULL OR made_at >= :since)
                      AND (:price IS NULL OR price = :price) AND tags @> coalesce(:tags, '{}'::jsonb) AND note <> ':kinds'
                    ORDER BY id;
                  types: { kinds: "text[]", since: timestamptz }
                  max_rows: 10
              walk:
                description: Walks all rows of the large table by its key, the newest first, for tests of pages.
                effect: read
                arguments: { type: object, additionalProperties: false, properties: {} }
                statement: { sql: "SELECT id, body FROM sqltest.large" }
                paging: { kind: keyset, key: { id: bigint }, descending: true, page_size: { default: 100, max: 10000 } }
              add:
                description: Adds to a counter and sleeps as long as it is told, for tests of writes that fail halfway.
                effect: write
                arguments:
                  type: object
                  additionalProperties: false
                  properties:
                    seconds: { type: number, description: "How long it sleeps." }
                timeout: 20s
                statement:
                  sql: UPDATE sqltest.counter SET n = n + 1 WHERE pg_sleep(:seconds) IS NOT NULL
              add_late:
                description: Adds a row whose check is made at the commit, for tests of errors of the commit itself.
                effect: write
                arguments:
                  type: object
                  additionalProperties: false
                  required: [id]
                  properties:
                    id: { type: integer, description: "Its id." }
                statement: { sql: "INSERT INTO sqltest.late VALUES (:id)" }
            """);

    private static TestDatabase database;
    private static VendorSql sql;

    @BeforeAll
    static void start() {
        database = TestDatabase.shared();
        sql = new VendorSql(VendorSqlSettings.DEFAULTS
                .withAddresses(AddressPolicy.allowing(List.of("127.0.0.0/8")))
                .withMaxBodyBytes(1 << 20));
        database.schema(
                "sqltest",
                "CREATE TABLE large (id bigint PRIMARY KEY, body text NOT NULL)",
                "INSERT INTO large SELECT n, 'row ' || n FROM generate_series(1, 100000) AS n",
                "CREATE TABLE secrets (secret text)",
                "INSERT INTO secrets VALUES ('hidden')",
                "CREATE TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        database.execute("REVOKE ALL ON sqltest.secrets FROM " + TestDatabase.ROLE);
    }

    @BeforeEach
    void fill() {
        database.execute("SET search_path = sqltest; DROP TABLE IF EXISTS parts, things, counter, calls;"
                + "CREATE TABLE things (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, kind text NOT NULL,"
                + " price numeric(30,10) CHECK (price >= 0), made_at timestamptz DEFAULT '2026-01-02 03:04:05+00',"
                + " tags jsonb NOT NULL DEFAULT '{}', note text NOT NULL DEFAULT '', name text UNIQUE);"
                + "COMMENT ON TABLE things IS 'What the shop sells';"
                + "CREATE TABLE parts (id int PRIMARY KEY, thing bigint NOT NULL REFERENCES things);"
                + "CREATE TABLE calls (id int GENERATED ALWAYS AS IDENTITY, note text, call_id text UNIQUE);"
                + "CREATE TABLE counter (n int); INSERT INTO counter VALUES (0);"
                + "INSERT INTO things (kind, price, tags, name) VALUES ('bolt', 1.10, '{\"a\": 1}', 'first'), ('nut', 2, '{}', 'second');"
                + "INSERT INTO parts VALUES (1, 1);"
                + "GRANT ALL ON things, parts, counter, calls TO " + TestDatabase.ROLE
                + "; GRANT ALL ON ALL SEQUENCES IN SCHEMA sqltest TO " + TestDatabase.ROLE);
    }

    @AfterAll
    static void stop() {
        sql.close();
    }

    @Test
    void rowsKeepTheirDigitsTimesAndBytes() {
        JsonNode row = rows(query(
                        "SELECT 1::smallint AS s, 9007199254740993::bigint AS b, 12345678901234567890.12345678901234567890::numeric AS n,"
                                + " 'NaN'::numeric AS nan, 0.1::float8 AS f, 'Infinity'::float8 AS inf, true AS t, null::int AS nothing,"
                                + " '2026-11-21 15:00:00.123456+02'::timestamptz AS at, '2026-11-21 15:00:00'::timestamp AS local,"
                                + " 'infinity'::timestamptz AS ever, '2026-11-21'::date AS day, '1 day 02:00'::interval AS span,"
                                + " '\\x00ff'::bytea AS bytes, '{\"b\":1,  \"a\":1.50}'::json AS doc, '[1.10]'::jsonb AS list,"
                                + " ARRAY[1,null,3] AS ints, ARRAY['a\"b','c'] AS texts, ARRAY['2026-11-21 15:00:00+02'::timestamptz] AS moments,"
                                + " '6f9619ff-8b86-d011-b42d-00c04fc964ff'::uuid AS id, '$1.50'::money AS money, B'101' AS bits,"
                                + " 1 AS twice, 2 AS twice, E'tab\\there \"quoted\"' AS text, '[1,5)'::int4range AS range"))
                .path(0);

        assertThat(row.toString())
                .isEqualTo(
                        "{\"s\":1,\"b\":9007199254740993,\"n\":12345678901234567890.12345678901234567890,\"nan\":\"NaN\",\"f\":0.1,"
                                + "\"inf\":\"Infinity\",\"t\":true,\"nothing\":null,\"at\":\"2026-11-21T13:00:00.123456Z\",\"local\":\"2026-11-21T15:00:00\","
                                + "\"ever\":\"infinity\",\"day\":\"2026-11-21\",\"span\":\"1 day 02:00:00\","
                                + "\"bytes\":\"AP8=\",\"doc\":{\"b\":1,\"a\":1.50},\"list\":[1.10],\"ints\":[1,null,3],\"texts\":[\"a\\\"b\",\"c\"],"
                                + "\"moments\":[\"2026-11-21T13:00:00Z\"],\"id\":\"6f9619ff-8b86-d011-b42d-00c04fc964ff\",\"money\":\"$1.50\","
                                + "\"bits\":\"101\",\"twice\":1,\"twice_2\":2,\"text\":\"tab\\there \\\"quoted\\\"\",\"range\":\"[1,5)\"}");
        assertThat(new String(
                        success(query("SELECT '{\"b\":1,  \"a\":1.50}'::json AS doc"))
                                .body(),
                        StandardCharsets.UTF_8))
                .isEqualTo("[{\"doc\":{\"b\":1,  \"a\":1.50}}]");
    }

    @Test
    void valuesAreBoundAsTheTypesThatTheStatementSays() {
        assertThat(ids(SHOP, "find_things", "{}")).containsExactly(1, 2);
        assertThat(ids(SHOP, "find_things", "{\"kinds\":[\"nut\",\"a\\\"b\\\\,{\",null]}"))
                .containsExactly(2);
        assertThat(ids(SHOP, "find_things", "{\"price\":1.1000}")).containsExactly(1);
        assertThat(ids(SHOP, "find_things", "{\"price\":1.10000000001}")).isEmpty();
        assertThat(ids(SHOP, "find_things", "{\"since\":\"2026-01-02T04:04:05+01:00\"}"))
                .containsExactly(1, 2);
        assertThat(ids(SHOP, "find_things", "{\"tags\":{\"a\":1}}")).containsExactly(1);
        assertThat(error(SHOP, "find_things", "{\"since\":\"no moment\"}").code())
                .isEqualTo(ErrorCode.INVALID_ARGUMENTS);
    }

    @Test
    void nothingOfAnArgumentIsReadAsSql() {
        assertThat(ids(SHOP, "find_things", "{\"kinds\":[\"x') OR true; DROP TABLE sqltest.things; --\"]}"))
                .isEmpty();
        for (String name : List.of(
                "things\" ; DROP TABLE sqltest.things; --", "things; DROP TABLE sqltest.things", "things\\", "?")) {
            assertThat(error(
                                    BUNDLED,
                                    "delete",
                                    JSON.writeValueAsString(
                                            Map.of("schema", "sqltest", "table", name, "where", Map.of("id", 1))))
                            .code())
                    .as(name)
                    .isEqualTo(ErrorCode.INVALID_ARGUMENTS);
            assertThat(error(
                                    BUNDLED,
                                    "update",
                                    JSON.writeValueAsString(Map.of(
                                            "schema",
                                            "sqltest",
                                            "table",
                                            "things",
                                            "set",
                                            Map.of(name, 1),
                                            "where",
                                            Map.of("id", 1))))
                            .code())
                    .as(name)
                    .isEqualTo(ErrorCode.INVALID_ARGUMENTS);
        }
        assertThat(database.value("SELECT count(*) FROM sqltest.things")).isEqualTo("2");
        rows(
                call(
                        BUNDLED,
                        "insert",
                        "{\"schema\":\"sqltest\",\"table\":\"things\",\"row\":{\"kind\":\"'); DROP TABLE sqltest.things; --\"}}"));
        assertThat(database.value("SELECT kind FROM sqltest.things WHERE id = 3"))
                .isEqualTo("'); DROP TABLE sqltest.things; --");
    }

    @Test
    void aQueryIsOneStatementThatOnlyReads() {
        List<String> refused = List.of(
                "SELECT 1; DROP TABLE sqltest.things",
                "SELECT 1; COMMIT; DROP TABLE sqltest.things",
                "SELECT 1) AS page; DROP TABLE sqltest.things; --",
                "SELECT 1) AS page, (SELECT 2",
                "SELECT '\\'; DROP TABLE sqltest.things; --'; SELECT 1",
                "SELECT E'a'\n'\\''; DROP TABLE sqltest.things --'",
                "SELECT $a$ $b$ ; $a$; DELETE FROM sqltest.things",
                "SELECT /* /* */ ; */ 1; DELETE FROM sqltest.things",
                "DELETE FROM sqltest.things",
                "COPY sqltest.things TO PROGRAM 'cat'",
                "SET TRANSACTION READ WRITE",
                "EXPLAIN ANALYZE DELETE FROM sqltest.things",
                "DO $$ BEGIN DELETE FROM sqltest.things; END $$",
                "CALL something()",
                "SELECT 'open",
                "SELECT {d '2026-01-01'}",
                "SELECT $1",
                "",
                " -- nothing",
                "SELECT 1 INTO sqltest.made");
        for (String text : refused) {
            assertThat(failure(query(text)).error().code()).as(text).isEqualTo(ErrorCode.INVALID_ARGUMENTS);
        }
        List<String> notAllowed = List.of(
                "SELECT nextval('sqltest.things_id_seq')",
                "SELECT id FROM sqltest.things FOR UPDATE",
                "SELECT set_config('transaction_read_only', 'off', true), nextval('sqltest.things_id_seq')");
        for (String text : notAllowed) {
            assertThat(failure(query(text)).error().code())
                    .as(text)
                    .isIn(ErrorCode.NOT_ALLOWED, ErrorCode.INVALID_ARGUMENTS, ErrorCode.REJECTED);
        }
        assertThat(failure(query(notAllowed.getFirst())).error().code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(failure(query(notAllowed.getFirst())).error().vendorCode()).isEqualTo("25006");
        assertThat(failure(query("WITH gone AS (DELETE FROM sqltest.things RETURNING 1) SELECT * FROM gone"))
                        .error()
                        .code())
                .isEqualTo(ErrorCode.REJECTED);
        assertThat(database.value("SELECT count(*) FROM sqltest.things")).isEqualTo("2");
        List<String> taken = List.of(
                "SELECT ';' AS a, $x$;'$x$ AS b, \"kind\" FROM sqltest.things -- done; really",
                "WITH a AS (VALUES (1)) SELECT * FROM a;",
                "(SELECT 1) UNION (SELECT 2)",
                "TABLE sqltest.things",
                "/* why */ VALUES ('it''s', E'it\\'s')",
                "SELECT tags ? 'a' AS has, '{1,2}'::int[] AS a, (ARRAY[1,2])[1:2] AS s FROM sqltest.things");
        for (String text : taken) {
            assertThat(rows(query(text)).size()).as(text).isPositive();
        }
    }

    @Test
    void errorsSayWhatTheServerSays() {
        Verdict.Failure wrong = failure(query("SELECT nme FROM sqltest.things"));
        assertThat(wrong.error().code()).isEqualTo(ErrorCode.INVALID_ARGUMENTS);
        assertThat(wrong.error().vendorCode()).isEqualTo("42703");
        assertThat(wrong.error().message()).contains("nme");
        assertThat(JSON.readTree(wrong.error().vendorBody()).path("position").asInt())
                .isEqualTo(8);
        assertThat(failure(query("SELECT * FROM sqltest.secrets")).error().code())
                .isEqualTo(ErrorCode.INSUFFICIENT_SCOPE);
        assertThat(failure(query("SELECT 1/0")).error().vendorCode()).isEqualTo("22012");

        Verdict.Failure twice = failure(insert("{\"kind\":\"bolt\",\"name\":\"first\"}"));
        assertThat(twice.error().code()).isEqualTo(ErrorCode.CONFLICT);
        JsonNode told = JSON.readTree(twice.error().vendorBody());
        assertThat(told.path("sqlstate").asString()).isEqualTo("23505");
        assertThat(told.path("constraint").asString()).isEqualTo("things_name_key");
        assertThat(told.path("detail").asString()).contains("first");
        assertThat(failure(insert("{\"kind\":\"bolt\",\"price\":-1}")).error().code())
                .isEqualTo(ErrorCode.REJECTED);
        Verdict.Failure missing = failure(insert("{\"name\":\"third\"}"));
        assertThat(missing.error().code()).isEqualTo(ErrorCode.REJECTED);
        assertThat(missing.error().fields())
                .singleElement()
                .satisfies(field -> assertThat(field.path()).isEqualTo("kind"));
        assertThat(error(BUNDLED, "delete", "{\"schema\":\"sqltest\",\"table\":\"things\",\"where\":{\"id\":1}}")
                        .vendorCode())
                .isEqualTo("23503");
        Verdict.Failure atCommit =
                failure(call(SHOP, "add_late", "{\"id\":1}"), () -> call(SHOP, "add_late", "{\"id\":1}"));
        assertThat(atCommit.provablyNotProcessed()).isTrue();
        assertThat(atCommit.error().vendorCode()).isEqualTo("23505");
    }

    @Test
    void theToolsOfTheCatalogueDoWhatTheySay() {
        JsonNode tables = rows(call(BUNDLED, "list_tables", "{\"schema\":\"sqltest\"}"));
        assertThat(tables.valueStream().map(table -> table.path("name").asString()))
                .containsExactly("calls", "counter", "large", "late", "parts", "things");
        assertThat(tables.path(5).path("comment").asString()).isEqualTo("What the shop sells");
        JsonNode columns = rows(call(BUNDLED, "describe_table", "{\"schema\":\"sqltest\",\"table\":\"parts\"}"));
        assertThat(columns.toString())
                .isEqualTo(
                        "[{\"name\":\"id\",\"type\":\"integer\",\"nullable\":false,\"default\":null,\"generated\":false,\"primary_key\":true,"
                                + "\"unique\":true,\"refers_to\":null,\"comment\":null},{\"name\":\"thing\",\"type\":\"bigint\",\"nullable\":false,"
                                + "\"default\":null,\"generated\":false,\"primary_key\":false,\"unique\":false,\"refers_to\":\"sqltest.things.id\","
                                + "\"comment\":null}]");

        JsonNode inserted =
                rows(insert("{\"kind\":\"gear\",\"price\":12345678901234.0000000001,\"tags\":{\"x\":[1]}}"));
        assertThat(inserted.path(0).path("id").asInt()).isEqualTo(3);
        assertThat(inserted.path(0).path("price").decimalValue()).isEqualByComparingTo("12345678901234.0000000001");
        assertThat(inserted.path(0).path("tags").toString()).isEqualTo("{\"x\":[1]}");
        assertThat(inserted.path(0).path("made_at").asString()).isEqualTo("2026-01-02T03:04:05Z");

        String once =
                "{\"schema\":\"sqltest\",\"table\":\"calls\",\"row\":{\"note\":\"n\"},\"call_id_column\":\"call_id\"}";
        assertThat(rows(call(BUNDLED, "insert_once", once))
                        .path(0)
                        .path("call_id")
                        .asString())
                .isEqualTo("key-of-the-call");
        assertThat(rows(call(BUNDLED, "insert_once", once)).path(0).path("id").asInt())
                .isEqualTo(1);
        assertThat(database.value("SELECT count(*) FROM sqltest.calls")).isEqualTo("1");

        JsonNode updated = rows(
                call(
                        BUNDLED,
                        "update",
                        "{\"schema\":\"sqltest\",\"table\":\"things\",\"set\":{\"price\":null,\"note\":\"new\"},\"where\":{\"id\":2,\"kind\":\"nut\"}}"));
        assertThat(updated.path(0).path("note").asString()).isEqualTo("new");
        assertThat(updated.path(0).path("price").isNull()).isTrue();
        JsonNode deleted =
                rows(call(BUNDLED, "delete", "{\"schema\":\"sqltest\",\"table\":\"things\",\"where\":{\"id\":2}}"));
        assertThat(deleted.size()).isEqualTo(1);
        assertThat(rows(call(BUNDLED, "delete", "{\"schema\":\"sqltest\",\"table\":\"things\",\"where\":{\"id\":2}}"))
                        .isEmpty())
                .isTrue();
    }

    @Test
    void aWriteOfMoreRowsThanAllowedChangesNone() {
        database.execute("INSERT INTO sqltest.things (kind) SELECT 'many' FROM generate_series(1, 101)");

        Verdict.Failure refused = failure(
                call(BUNDLED, "delete", "{\"schema\":\"sqltest\",\"table\":\"things\",\"where\":{\"kind\":\"many\"}}"));

        assertThat(refused.error().code()).isEqualTo(ErrorCode.RESULT_TOO_LARGE);
        assertThat(refused.provablyNotProcessed()).isTrue();
        assertThat(database.value("SELECT count(*) FROM sqltest.things WHERE kind = 'many'"))
                .isEqualTo("101");
        assertThat(failure(call(SHOP, "find_things", "{}")).error().code()).isEqualTo(ErrorCode.RESULT_TOO_LARGE);
    }

    @Test
    void aLargeResultIsWalkedByItsKeyWhateverIsInsertedMeanwhile() {
        List<Integer> sizes = new ArrayList<>();
        long expected = 100_000;
        String place = null;
        do {
            Verdict.Success page = success(call(SHOP, "walk", "{}", place, 9_000));
            for (JsonNode row : JSON.readTree(page.body())) {
                assertThat(row.path("id").asLong()).isEqualTo(expected--);
            }
            sizes.add((int) page.records());
            database.execute("INSERT INTO sqltest.large VALUES (" + (200_000 + sizes.size()) + ", 'new')");
            place = page.nextCursor();
        } while (place != null);

        assertThat(expected).isZero();
        assertThat(sizes).hasSize(12).last().isEqualTo(1_000);
        database.execute("DELETE FROM sqltest.large WHERE id > 100000");
    }

    @Test
    void aQueryIsWalkedBySkipping() {
        String text = "SELECT id FROM sqltest.large WHERE id <= 4500 ORDER BY id DESC";
        Verdict.Success first = success(call(BUNDLED, "query", arguments(text), null, 2_000));
        Verdict.Success second = success(call(BUNDLED, "query", arguments(text), first.nextCursor(), 2_000));
        Verdict.Success third = success(call(BUNDLED, "query", arguments(text), second.nextCursor(), 2_000));

        assertThat(List.of(first.records(), second.records(), third.records())).containsExactly(2_000L, 2_000L, 500L);
        assertThat(JSON.readTree(third.body()).path(499).path("id").asInt()).isEqualTo(1);
        assertThat(third.nextCursor()).isNull();
        assertThat(success(query("SELECT id FROM sqltest.large WHERE id <= 100"))
                        .nextCursor())
                .isNull();
        assertThat(success(query("SELECT id FROM sqltest.large WHERE id <= 101"))
                        .nextCursor())
                .isEqualTo("100");
    }

    @Test
    void aPageThatWouldBeTooLargeEndsBeforeTheRowThatMakesItSo() {
        String wide = "SELECT n, repeat('x', 300000) AS body FROM generate_series(1, 5) AS n ORDER BY n";

        Verdict.Success first = success(query(wide));

        assertThat(first.records()).isEqualTo(3);
        Verdict.Success second = success(call(BUNDLED, "query", arguments(wide), first.nextCursor(), null));
        assertThat(JSON.readTree(second.body()).path(0).path("n").asInt()).isEqualTo(4);
        assertThat(second.nextCursor()).isNull();
        assertThat(failure(query("SELECT repeat('x', 2000000) AS body")).error().code())
                .isEqualTo(ErrorCode.RESULT_TOO_LARGE);
    }

    @Test
    void aValueLargerThanMemoryIsNotRead() {
        Verdict.Failure refused = failure(query("SELECT repeat('x', 100000000) AS body"));

        assertThat(refused.error().code()).isEqualTo(ErrorCode.RESULT_TOO_LARGE);
    }

    @Test
    void aStatementEndsByItsTimeLimit() {
        long start = System.nanoTime();
        Verdict.Failure slow =
                failure(call(BUNDLED, "query", arguments("SELECT pg_sleep(60)"), null, null, Duration.ofMillis(700)));

        assertThat(slow.error().code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
        assertThat(slow.error().vendorCode()).isEqualTo("57014");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        Verdict.Failure stubborn = failure(call(
                BUNDLED,
                "query",
                arguments(
                        "SELECT set_config('statement_timeout', '0', true), n, pg_sleep(CASE WHEN n > 400 THEN 0.006 ELSE 0 END)"
                                + " FROM generate_series(1, 2000) AS n"),
                null,
                2_000,
                Duration.ofMillis(700)));
        assertThat(stubborn.error().code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(12));
        TestDatabase.await(
                "nothing runs on",
                Duration.ofSeconds(20),
                () -> "0"
                        .equals(database.value("SELECT count(*) FROM pg_stat_activity WHERE usename = '"
                                + TestDatabase.ROLE + "' AND state = 'active'")));
    }

    @Test
    void aStatementThatAnAdministratorCancelsIsCancelled() {
        CompletableFuture<Verdict> running = later(() -> query("SELECT pg_sleep(20), 'to cancel'"));
        database.value("SELECT pg_cancel_backend(" + database.runs("to cancel") + ")");

        assertThat(failure(running.join()).error().code()).isEqualTo(ErrorCode.CANCELLED);
    }

    @Test
    void aTransactionThatAnotherOneHoldsUpMayBeMadeAgain() throws Exception {
        try (Connection other = database.superuser();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("UPDATE sqltest.counter SET n = 5");
            Verdict.Failure locked = failure(call(SHOP, "add", "{\"seconds\":0}", null, null, Duration.ofSeconds(2)));

            assertThat(locked).isInstanceOf(Verdict.Retryable.class);
            assertThat(locked.error().vendorCode()).isEqualTo("55P03");
            assertThat(locked.error().code()).isEqualTo(ErrorCode.CONFLICT);
            assertThat(locked.provablyNotProcessed()).isTrue();
        }
        database.execute("ALTER ROLE " + TestDatabase.ROLE + " SET default_transaction_isolation = 'serializable'");
        try (VendorSql serializable = new VendorSql(
                VendorSqlSettings.DEFAULTS.withAddresses(AddressPolicy.allowing(List.of("127.0.0.0/8"))))) {
            CompletableFuture<Verdict> slow = later(() -> call(serializable, SHOP, "add", "{\"seconds\":1.5}"));
            database.runs("counter SET");
            database.execute("UPDATE sqltest.counter SET n = n + 10");
            Verdict.Failure serialized = failure(slow.join());

            assertThat(serialized).isInstanceOf(Verdict.Retryable.class);
            assertThat(serialized.error().vendorCode()).isEqualTo("40001");
            assertThat(serialized.provablyNotProcessed()).isTrue();
        } finally {
            database.execute("ALTER ROLE " + TestDatabase.ROLE + " RESET default_transaction_isolation");
        }
    }

    @Test
    void aSessionThatTheServerEndsHasChangedNothing() {
        CompletableFuture<Verdict> read = later(() -> query("SELECT pg_sleep(20), 'to end'"));
        database.terminateBackendOf("to end");
        Verdict.Failure ended = failure(read.join());
        assertThat(ended.error().code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(ended).isInstanceOf(Verdict.Retryable.class);

        CompletableFuture<Verdict> write = later(() -> call(SHOP, "add", "{\"seconds\":20}"));
        database.terminateBackendOf("counter SET");
        Verdict.Failure undone = failure(write.join());
        assertThat(undone.error().vendorCode()).isEqualTo("57P01");
        assertThat(undone.provablyNotProcessed()).isTrue();
        assertThat(rows(query("SELECT n FROM sqltest.counter"))
                        .path(0)
                        .path("n")
                        .asInt())
                .isZero();
    }

    @Test
    void aWriteWhoseConnectionBreaksMayHaveHappened() throws Exception {
        try (BreakingProxy proxy = BreakingProxy.to(database.port())) {
            StoredConnection through = connection(BUNDLED, proxy.port(), 7, TestDatabase.PASSWORD);
            CompletableFuture<Verdict> read = later(() -> call(
                    sql,
                    BUNDLED,
                    through,
                    "query",
                    arguments("SELECT pg_sleep(20), 'to break'"),
                    null,
                    null,
                    Duration.ofSeconds(20)));
            database.runs("to break");
            proxy.breakAll();
            Verdict.Failure broken = failure(read.join());
            assertThat(broken).isInstanceOf(Verdict.Retryable.class);
            assertThat(broken.error().code()).isEqualTo(ErrorCode.UNAVAILABLE);

            StoredConnection shop = connection(SHOP, proxy.port(), 8, TestDatabase.PASSWORD);
            CompletableFuture<Verdict> write =
                    later(() -> call(sql, SHOP, shop, "add", "{\"seconds\":15}", null, null, Duration.ofSeconds(20)));
            database.runs("counter SET");
            proxy.breakAll();
            Verdict.Failure unknown = failure(write.join());
            assertThat(unknown.provablyNotProcessed()).isFalse();
            assertThat(unknown.error().code()).isEqualTo(ErrorCode.UNAVAILABLE);
            database.value("SELECT pg_terminate_backend(" + database.runs("counter SET") + ")");

            // What was kept open is broken too: a write that finds it so was not sent yet.
            success(call(sql, SHOP, shop, "add", "{\"seconds\":0}", null, null, Duration.ofSeconds(20)));
            proxy.breakAll();
            Verdict afterwards = call(sql, SHOP, shop, "add", "{\"seconds\":0}", null, null, Duration.ofSeconds(20));
            assertThat(afterwards instanceof Verdict.Success
                            || failure(afterwards).provablyNotProcessed())
                    .isTrue();
        }
    }

    @Test
    void aServerThatIsKilledIsUnavailableAndComesBack() {
        CompletableFuture<Verdict> read = later(() -> query("SELECT pg_sleep(20), 'to kill'"));
        database.killBackendOf("to kill");

        assertThat(failure(read.join()).error().code()).isEqualTo(ErrorCode.UNAVAILABLE);
        database.awaitUp();
        // What was kept open is gone with the server; each next call finds out before it sends anything.
        TestDatabase.await(
                "connections are made anew",
                Duration.ofSeconds(20),
                () -> call(SHOP, "find_things", "{}") instanceof Verdict.Success);
        TestDatabase.await(
                "connections are made anew",
                Duration.ofSeconds(20),
                () -> query("SELECT 1") instanceof Verdict.Success);
        assertThat(rows(query("SELECT 1 AS up")).size()).isEqualTo(1);
    }

    @Test
    void aServerThatNobodyAnswersForIsUnavailable() throws Exception {
        int closed;
        try (BreakingProxy proxy = BreakingProxy.to(1)) {
            closed = proxy.port();
        }
        Verdict.Failure failure = failure(call(
                sql,
                BUNDLED,
                connection(BUNDLED, closed, 1, "x"),
                "query",
                arguments("SELECT 1"),
                null,
                null,
                Duration.ofSeconds(5)));

        assertThat(failure.error().code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(failure.provablyNotProcessed()).isTrue();
    }

    @Test
    void aWrongPasswordIsRejectedAtOnceAndNeverShown() {
        long start = System.nanoTime();
        StoredConnection wrong = connection(BUNDLED, database.port(), 99, "canary-wrong-password");
        Verdict verdict = call(sql, BUNDLED, wrong, "query", arguments("SELECT 1"), null, null, Duration.ofSeconds(20));

        assertThat(verdict).isInstanceOf(Verdict.CredentialRejected.class);
        assertThat(failure(verdict).error().code()).isEqualTo(ErrorCode.REAUTHORIZATION_REQUIRED);
        assertThat(verdict.toString()).doesNotContain("canary");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        // With the right one the connection works again, over connections of its own.
        assertThat(rows(query("SELECT current_user AS me")).path(0).path("me").asString())
                .isEqualTo(TestDatabase.ROLE);
    }

    @Test
    void secretsShowNowhere() throws Exception {
        SqlRequest request = request(BUNDLED, connection(), "query", arguments("SELECT 1"), null, null);

        assertThat(request.toString() + request.database()).doesNotContain(TestDatabase.PASSWORD);
        assertThat(failure(query("SELECT * FROM missing")).toString()).doesNotContain(TestDatabase.PASSWORD);
        assertThat(rows(query("SELECT string_agg(setting, ' ') AS all FROM pg_settings"))
                        .toString())
                .doesNotContain(TestDatabase.PASSWORD);
    }

    @Test
    void onlyAddressesThatTheOperatorAllowsAreConnectedTo() {
        try (VendorSql strict = new VendorSql(VendorSqlSettings.DEFAULTS)) {
            Verdict.Failure refused = failure(call(strict, BUNDLED, "query", arguments("SELECT 1")));
            assertThat(refused.error().code()).isEqualTo(ErrorCode.NOT_ALLOWED);
            assertThat(refused.provablyNotProcessed()).isTrue();
        }
    }

    @Test
    void whatWasCheckedIsWhatIsConnectedToWhateverTheNameMeansNow() {
        // The name service of the machine knows no such host; what the lookup says is what counts, once for each
        // connection.
        List<String> asked = new ArrayList<>();
        VendorSqlSettings settings = VendorSqlSettings.DEFAULTS
                .withAddresses(AddressPolicy.allowing(List.of("127.0.0.0/8")))
                .withLookup(host -> {
                    asked.add(host);
                    return new InetAddress[] {InetAddress.ofLiteral("127.0.0.1")};
                });
        try (VendorSql sqlOfName = new VendorSql(settings)) {
            StoredConnection named = new StoredConnection(
                    new ConnectionRecord(
                            "acme",
                            "named",
                            "postgres",
                            "password",
                            Map.of(
                                    "host",
                                    "database.invalid",
                                    "port",
                                    "" + database.port(),
                                    "database",
                                    "postgres",
                                    "sslmode",
                                    "disable"),
                            Map.of(),
                            Set.of(),
                            Map.of()),
                    Secret.of(Map.of("username", TestDatabase.ROLE, "password", TestDatabase.PASSWORD)),
                    1);
            assertThat(rows(call(
                                    sqlOfName,
                                    BUNDLED,
                                    named,
                                    "query",
                                    arguments("SELECT 1 AS a"),
                                    null,
                                    null,
                                    Duration.ofSeconds(10)))
                            .size())
                    .isEqualTo(1);
            assertThat(rows(call(
                                    sqlOfName,
                                    BUNDLED,
                                    named,
                                    "query",
                                    arguments("SELECT 1 AS a"),
                                    null,
                                    null,
                                    Duration.ofSeconds(10)))
                            .size())
                    .isEqualTo(1);
            assertThat(asked).containsExactly("database.invalid");
        }
    }

    @Test
    void connectionsAreKeptForNextTimeAndClosedWhenIdleOrReplaced() throws SQLException {
        try (VendorSql own = new VendorSql(VendorSqlSettings.DEFAULTS
                .withAddresses(AddressPolicy.allowing(List.of("127.0.0.0/8")))
                .withIdleTimeout(Duration.ofMillis(300)))) {
            String pid = rows(call(own, BUNDLED, "query", arguments("SELECT pg_backend_pid() AS pid")))
                    .path(0)
                    .path("pid")
                    .asString();
            assertThat(rows(call(own, BUNDLED, "query", arguments("SELECT pg_backend_pid() AS pid")))
                            .path(0)
                            .path("pid")
                            .asString())
                    .isEqualTo(pid);
            assertThat(own.open()).isEqualTo(1);
            StoredConnection changed = connection(BUNDLED, database.port(), 2, TestDatabase.PASSWORD);
            assertThat(rows(call(
                                    own,
                                    BUNDLED,
                                    changed,
                                    "query",
                                    arguments("SELECT pg_backend_pid() AS pid"),
                                    null,
                                    null,
                                    Duration.ofSeconds(10)))
                            .path(0)
                            .path("pid")
                            .asString())
                    .isNotEqualTo(pid);
            assertThat(own.open()).isEqualTo(1);
            TestDatabase.await("idle connections are closed", Duration.ofSeconds(20), () -> own.open() == 0);
        }
    }

    @Test
    void aNameThatIsNoneIsAnArgumentProblem() {
        assertThatThrownBy(() -> request(
                        BUNDLED,
                        connection(),
                        "delete",
                        "{\"schema\":\"\",\"table\":\"t\",\"where\":{\"id\":1}}",
                        null,
                        null))
                .isInstanceOf(RequestProblemException.class);
    }

    private interface Later {
        Verdict call();
    }

    private static CompletableFuture<Verdict> later(Later later) {
        return CompletableFuture.supplyAsync(
                later::call, task -> Thread.ofVirtual().start(task));
    }

    private static String arguments(String text) {
        return JSON.writeValueAsString(Map.of("sql", text));
    }

    private static Verdict query(String text) {
        return call(BUNDLED, "query", arguments(text));
    }

    private static Verdict insert(String row) {
        return call(BUNDLED, "insert", "{\"schema\":\"sqltest\",\"table\":\"things\",\"row\":" + row + "}");
    }

    private static Verdict call(Connector connector, String tool, String arguments) {
        return call(connector, tool, arguments, null, null);
    }

    private static Verdict call(VendorSql executor, Connector connector, String tool, String arguments) {
        return call(
                executor,
                connector,
                connection(connector, database.port(), 1, TestDatabase.PASSWORD),
                tool,
                arguments,
                null,
                null,
                Duration.ofSeconds(20));
    }

    private static Verdict call(
            Connector connector, String tool, String arguments, @Nullable String place, @Nullable Integer limit) {
        return call(connector, tool, arguments, place, limit, Duration.ofSeconds(20));
    }

    private static Verdict call(
            Connector connector,
            String tool,
            String arguments,
            @Nullable String place,
            @Nullable Integer limit,
            Duration bound) {
        return call(
                sql,
                connector,
                connection(connector, database.port(), 1, TestDatabase.PASSWORD),
                tool,
                arguments,
                place,
                limit,
                bound);
    }

    private static Verdict call(
            VendorSql executor,
            Connector connector,
            StoredConnection connection,
            String tool,
            String arguments,
            @Nullable String place,
            @Nullable Integer limit,
            Duration bound) {
        try {
            SqlRequest request = request(connector, connection, tool, arguments, place, limit);
            return SqlClassifier.classify(
                    connector, tool(connector, tool), executor.execute(request, System.nanoTime() + bound.toNanos()));
        } catch (RequestProblemException problem) {
            return new Verdict.Failed(
                    true,
                    new dev.toolpost.worker.classify.VendorError(
                            problem.code(), problem.getMessage(), null, null, List.of(), null, null));
        }
    }

    private static SqlRequest request(
            Connector connector,
            StoredConnection connection,
            String tool,
            String arguments,
            @Nullable String place,
            @Nullable Integer limit)
            throws RequestProblemException {
        return SqlRequestBuilder.build(
                connector,
                tool(connector, tool),
                JSON.readTree(arguments),
                connection,
                RequestBuilder.baseUrl(connector, connection.connection()),
                place,
                limit,
                "key-of-the-call");
    }

    private static Tool tool(Connector connector, String name) {
        return Objects.requireNonNull(connector.tools().get(connector.vendor() + "_" + name), name);
    }

    private static StoredConnection connection() {
        return connection(BUNDLED, database.port(), 1, TestDatabase.PASSWORD);
    }

    private static StoredConnection connection(Connector connector, int port, long version, String password) {
        return new StoredConnection(
                new ConnectionRecord(
                        "acme",
                        connector.vendor() + "-main",
                        connector.vendor(),
                        "password",
                        connector.variable("sslmode") == null
                                ? Map.of("host", "127.0.0.1", "port", "" + port, "database", "postgres")
                                : Map.of(
                                        "host",
                                        "127.0.0.1",
                                        "port",
                                        "" + port,
                                        "database",
                                        "postgres",
                                        "sslmode",
                                        "disable"),
                        Map.of(),
                        Set.of(),
                        Map.of()),
                Secret.of(Map.of("username", TestDatabase.ROLE, "password", password)),
                version);
    }

    private static Verdict.Success success(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Success.class);
        return (Verdict.Success) verdict;
    }

    private static Verdict.Failure failure(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Failure.class);
        return (Verdict.Failure) verdict;
    }

    private static Verdict.Failure failure(Verdict first, Later second) {
        success(first);
        return failure(second.call());
    }

    private static JsonNode rows(Verdict verdict) {
        return JSON.readTree(success(verdict).body());
    }

    private static dev.toolpost.worker.classify.VendorError error(Connector connector, String tool, String arguments) {
        return failure(call(connector, tool, arguments)).error();
    }

    private static List<Integer> ids(Connector connector, String tool, String arguments) {
        return rows(call(connector, tool, arguments))
                .valueStream()
                .map(row -> row.path("id").asInt())
                .toList();
    }
}
