package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonPointer;

class SqlDefinitionTest {
    private static final String SHOP = """
            vendor: shop
            title: Shop
            executor: sql
            base_url: jdbc:acmedb://{host}:{port}/{database}
            variables:
              host: { kind: host }
              port: { kind: port, default: "5432" }
              database: { kind: segment }
              tls: { kind: word, default: verify-full }
            driver: { sslmode: "{tls}" }
            auth: [{ kind: password }]
            limits: { connections: { scope: connection, kind: concurrent, permits: 4 } }
            errors:
              rules:
                - when: { sqlstate: ["40001", "53xxx"] }
                  means: TRANSIENT
                  ends_as: CONFLICT
            tools:
              list_orders:
                description: Lists the orders of a customer, the newest first, one page at a time.
                effect: read
                arguments:
                  type: object
                  additionalProperties: false
                  required: [customer]
                  properties:
                    customer: { type: string, description: "Id of the customer, a UUID." }
                statement:
                  sql: SELECT id, made_at, total FROM orders WHERE customer = :customer
                  types: { customer: uuid }
                paging:
                  kind: keyset
                  key: { made_at: timestamptz, id: bigint }
                  descending: true
                  page_size: { default: 50, max: 500 }
            """;

    @Test
    void readsADatabase() {
        Connector shop = load(SHOP);

        assertThat(shop.baseUrl().resolve(Map.of("host", "db.example.com", "database", "my shop")))
                .isEqualTo(URI.create("jdbc:acmedb://db.example.com:5432/my%20shop"));
        assertThat(Objects.requireNonNull(shop.database()).driver().keySet()).containsExactly("sslmode");
        assertThat(shop.auth()).containsExactly(new Auth.Password(new Auth.About("password", "", false)));
        Tool tool = Objects.requireNonNull(shop.tools().get("shop_list_orders"));
        assertThat(tool.action())
                .isEqualTo(new Statement(
                        new SqlText(List.of(
                                new SqlText.Literal("SELECT id, made_at, total FROM orders WHERE customer = "),
                                new SqlText.Parameter("customer"))),
                        null,
                        Map.of("customer", "uuid"),
                        1_000));
        Map<String, String> key = new LinkedHashMap<>();
        key.put("made_at", "timestamptz");
        key.put("id", "bigint");
        assertThat(tool.paging())
                .isEqualTo(new Paging(
                        new Paging.Rows(Immutable.map(key), true),
                        JsonPointer.empty(),
                        null,
                        new Paging.PageSize(new Paging.InStatement(), 50, 500)));
        assertThat(tool.idempotent()).isTrue();
        assertThat(tool.arguments().at("/properties/limit/maximum").asInt()).isEqualTo(500);
        assertThatThrownBy(tool::request).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theBundledDatabaseIsRead() {
        Connector postgres = CatalogueTools.connector("postgres");

        assertThat(postgres.tools().keySet())
                .containsExactly(
                        "postgres_query",
                        "postgres_list_tables",
                        "postgres_describe_table",
                        "postgres_insert",
                        "postgres_insert_once",
                        "postgres_update",
                        "postgres_delete");
        assertThat(CatalogueTools.tool("postgres_insert").idempotent()).isFalse();
        assertThat(CatalogueTools.tool("postgres_insert_once").idempotent()).isTrue();
    }

    @Test
    void codesMeanWhatTheFirstRuleSays() {
        Connector postgres = CatalogueTools.connector("postgres");
        Map<String, Meaning> meanings = new LinkedHashMap<>();
        for (String state : List.of(
                "40001", "40P01", "55P03", "57014", "53300", "57P01", "08006", "40003", "23505", "23P01", "23502",
                "23503", "23514", "22P02", "42601", "42P01", "42703", "42883", "54001", "42501", "25006", "28P01",
                "25P03", "57P05", "99999")) {
            meanings.put(
                    state,
                    Objects.requireNonNull(CatalogueTools.decide(postgres, 500, "{\"sqlstate\":\"" + state + "\"}"))
                            .meaning());
        }

        assertThat(meanings.toString())
                .isEqualTo(
                        "{40001=TRANSIENT, 40P01=TRANSIENT, 55P03=TRANSIENT, 57014=CANCELLED, 53300=TRANSIENT, 57P01=TRANSIENT,"
                                + " 08006=TRANSIENT, 40003=TRANSIENT, 23505=CONFLICT, 23P01=CONFLICT, 23502=REJECTED, 23503=REJECTED,"
                                + " 23514=REJECTED, 22P02=INVALID_ARGUMENTS, 42601=INVALID_ARGUMENTS, 42P01=INVALID_ARGUMENTS,"
                                + " 42703=INVALID_ARGUMENTS, 42883=INVALID_ARGUMENTS, 54001=INVALID_ARGUMENTS, 42501=INSUFFICIENT_SCOPE,"
                                + " 25006=NOT_ALLOWED, 28P01=EXPIRED_CREDENTIAL, 25P03=DEADLINE_EXCEEDED, 57P05=DEADLINE_EXCEEDED,"
                                + " 99999=REJECTED}");
        assertThat(Objects.requireNonNull(
                                CatalogueTools.decide(postgres, 500, "{\"sqlstate\":\"57014\",\"timed_out\":true}"))
                        .meaning())
                .isEqualTo(Meaning.DEADLINE_EXCEEDED);
    }

    @Test
    void anAddressHoldsNothingButHostPortAndDatabase() {
        for (String url : List.of(
                "jdbc:acmedb://{host}/{database}?sslfactory=some.Class",
                "jdbc:acmedb://{host},other.example/{database}",
                "jdbc:acmedb://user:secret@{host}/{database}",
                "jdbc:acmedb:{database}",
                "jdbc:acmedb:mem:x;INIT=RUNSCRIPT",
                "https://{host}/{database}",
                "jdbc:acmedb://{database}/{host}",
                "jdbc:acmedb://{nobody}/{database}")) {
            assertThat(errors(SHOP.replace("jdbc:acmedb://{host}:{port}/{database}", url)))
                    .as(url)
                    .anyMatch(error -> error.contains("base_url"));
        }
        Connector shop = load(SHOP);
        for (String database : List.of("x?loggerFile=/etc/passwd", "a/b", "x&y", "..")) {
            String address = shop.baseUrl()
                    .resolve(Map.of("host", "db.example.com", "database", database))
                    .toString();
            assertThat(address.substring("jdbc:acmedb://db.example.com:5432/".length()))
                    .doesNotContain("/", "?", "&", "..");
        }
        for (Map<String, String> wrong : List.of(
                Map.of("host", "db.example.com,evil.example", "database", "x"),
                Map.of("host", "db.example.com/x?y", "database", "x"),
                Map.of("host", "db.example.com", "port", "5432/x", "database", "x"),
                Map.of("host", "db.example.com", "port", "70000", "database", "x"))) {
            assertThatThrownBy(() -> shop.baseUrl().resolve(wrong)).isInstanceOf(InvalidVariableException.class);
        }
    }

    @Test
    void aDefinitionHandsTheDriverNeitherClassesNorFiles() {
        for (String property : List.of(
                "socketFactory",
                "sslfactory",
                "sslpasswordcallback",
                "loggerFile",
                "authenticationPluginClassName",
                "sslkey",
                "user",
                "password",
                "options",
                "jaasApplicationName",
                "preferQueryMode")) {
            assertThat(errors(SHOP.replace("driver: { sslmode", "driver: { " + property + ": x, sslmode")))
                    .as(property)
                    .anyMatch(error -> error.contains("may not set the driver's property " + property));
        }
    }

    @Test
    void statementsAreHeldAgainstTheirArguments() {
        assertThat(errors(SHOP.replace("= :customer", "= :custommer")))
                .anyMatch(error -> error.contains(":custommer names no argument") && error.contains("'customer'"));
        assertThat(errors(SHOP.replace("types: { customer: uuid }", "types: { custommer: uuid }")))
                .anyMatch(error -> error.contains("no parameter :custommer"));
        assertThat(errors(SHOP.replace("types: { customer: uuid }", "types: { customer: \"uuid) OR (1=1\" }")))
                .isNotEmpty();
        assertThat(errors(SHOP.replace("FROM orders WHERE", "FROM {table} WHERE")))
                .anyMatch(error -> error.contains("{table} names no argument"));
        assertThat(errors(SHOP.replace("= :customer", "= :customer; DROP TABLE orders")))
                .anyMatch(error -> error.contains("one statement alone"));
        assertThat(errors(SHOP.replace("kind: keyset", "kind: cursor"))).isNotEmpty();
        assertThat(errors(SHOP.replace("    statement:\n", "    request: { path: /orders }\n    statement:\n")))
                .anyMatch(error -> error.contains("statement"));
        assertThat(errors(SHOP.replace("auth: [{ kind: password }]", "auth: [{ kind: bearer }]")))
                .anyMatch(error -> error.contains("does not go with executor: sql"));
        assertThat(
                        errors(
                                SHOP.replace(
                                        "- when: { sqlstate: [\"40001\", \"53xxx\"] }\n",
                                        "- { when: { sqlstate: \"57014\" }, means: SUCCESS }\n    - when: { sqlstate: [\"40001\", \"53xxx\"] }\n")))
                .anyMatch(error -> error.contains("SUCCESS is nothing that an error of executor sql can mean"));
        assertThat(errors(SHOP.replace("when: { sqlstate: [\"40001\", \"53xxx\"] }", "when: { status: 500 }")))
                .anyMatch(error -> error.contains("write sqlstate"));
        assertThat(errors(SHOP.replace("[\"40001\", \"53xxx\"]", "[\"4000\"]"))).isNotEmpty();
        assertThat(errors(Definitions.acme("auth:\n", "driver: { sslmode: disable }\nauth:\n")))
                .anyMatch(error -> error.contains("driver goes with executor: sql"));
    }

    @Test
    void textsNamesAndCommentsAreReadAsTheServerReadsThem() {
        SqlText text = SqlText.parse(
                "SELECT ':a', \":b\", $x$ :c $x$, E'\\':d', x::int, a ? 'k' /* :e /* {f} */ :g */ -- :h\n FROM {t} WHERE i = :i;");

        assertThat(text.parameters()).containsExactly("i");
        assertThat(text.names()).containsExactly("t");
        assertThat(text.parts().getFirst().toString()).contains("a ?? 'k'");
        assertThat(SqlText.query("(SELECT 1);-- end").parts()).hasSize(1);
        for (String wrong : List.of(
                "SELECT 1; SELECT 2",
                "SELECT (1",
                "SELECT 1)",
                "SELECT 'a",
                "SELECT \"a",
                "SELECT $a$ $b$",
                "SELECT /* /* */",
                "",
                "  -- x",
                "DROP TABLE x",
                "SELECT $1",
                "SELECT {a}",
                "SELECT E'a'\n'\\' FROM x'",
                "SELECT '\0'")) {
            assertThatThrownBy(() -> SqlText.query(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void anotherServerIsAnotherAddress() {
        Connector fixed = load(SHOP.replace("{host}:{port}", "db.acme.example"));
        Connector moved = load(SHOP.replace("{host}:{port}", "db.evil.example"));

        assertThat(ConnectorAddresses.moved(fixed, moved)).containsExactly("api jdbc:acmedb://db.evil.example");
    }

    private static Connector load(String text) {
        return new ConnectorLoader().load("shop.yaml", text);
    }

    private static List<String> errors(String text) {
        return new ConnectorLoader()
                .read("shop.yaml", text).errors().stream()
                        .map(problem -> problem.message() + " - " + problem.fix())
                        .toList();
    }
}
