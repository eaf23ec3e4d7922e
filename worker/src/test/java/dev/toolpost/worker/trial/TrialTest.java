package dev.toolpost.worker.trial;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.InMemoryCredentialStore;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorHttpSettings;
import dev.toolpost.worker.oauth.TokenTrial;
import dev.toolpost.worker.rig.TestDatabase;
import dev.toolpost.worker.sql.VendorSql;
import dev.toolpost.worker.sql.VendorSqlSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class TrialTest {
    private final List<Object> told = new ArrayList<>();

    private final TrialEvents events = new TrialEvents() {
        @Override
        public void tokenAsked(TokenTrial.Asked asked) {
            told.add(asked);
        }

        @Override
        public void sends(Shown shown) {
            told.add(shown);
        }

        @Override
        public void answered(Answer answer) {
            told.add(answer);
        }

        @Override
        public void waits(Duration wait) {
            told.add(wait);
        }
    };

    @Test
    void aStatementIsRunAtARealServerAndItsCredentialsAreNoPartOfWhatIsShown() throws Exception {
        TestDatabase database = TestDatabase.shared();
        Ending rows = query(database, TestDatabase.PASSWORD, "SELECT 41 + 1 AS answer");

        assertThat(told.getFirst()).isInstanceOfSatisfying(Shown.Statement.class, statement -> {
            assertThat(statement.readOnly()).isTrue();
            assertThat(statement.database()).startsWith("jdbc:postgresql://localhost:");
        });
        assertThat(rows).isInstanceOfSatisfying(Ending.Done.class, done -> {
            assertThat(done.answer().answered()).isTrue();
            assertThat(done.answer().verdict()).isInstanceOfSatisfying(Verdict.Success.class, success -> {
                assertThat(new String(success.body(), StandardCharsets.UTF_8)).isEqualTo("[{\"answer\":42}]");
                assertThat(success.records()).isEqualTo(1);
            });
        });
        Ending wrong = query(database, TestDatabase.PASSWORD, "SELECT nothing FROM nowhere");
        assertThat(failure(wrong)).contains("nowhere");
        Ending refused = query(database, "wrong-canary", "SELECT 1");
        assertThat(failure(refused)).contains("password authentication failed");
        assertThat(told.toString()).doesNotContain(TestDatabase.PASSWORD, "wrong-canary");
    }

    private static String failure(Ending ending) {
        return ending instanceof Ending.Done(Answer answer) && answer.verdict() instanceof Verdict.Failure failure
                ? failure.error().message()
                : ending.toString();
    }

    private Ending query(TestDatabase database, String password, String sql) throws Exception {
        ToolRef ref = Objects.requireNonNull(ConnectorCatalogue.bundled().byTool("postgres_query"));
        CredentialStore store = new InMemoryCredentialStore();
        store.put(
                new ConnectionRecord(
                        "try",
                        "try",
                        "postgres",
                        "password",
                        Map.of(
                                "host",
                                "localhost",
                                "port",
                                Integer.toString(database.port()),
                                "database",
                                "postgres",
                                "sslmode",
                                "disable"),
                        Map.of(),
                        Set.of(),
                        Map.of()),
                Secret.of("username", TestDatabase.ROLE).with("password", password),
                CredentialStore.ANY);
        AddressPolicy here = AddressPolicy.allowing(List.of("127.0.0.0/8", "::1/128"));
        ObjectNode arguments = JsonMapper.shared().createObjectNode().put("sql", sql);
        try (VendorHttp http = new VendorHttp(VendorHttpSettings.DEFAULTS.withAddresses(here));
                VendorSql database2 = new VendorSql(VendorSqlSettings.DEFAULTS.withAddresses(here));
                Trial trial = new Trial(
                        ref,
                        store,
                        Objects.requireNonNull(store.find("try", "try")),
                        null,
                        http,
                        database2,
                        events,
                        InstantSource.system(),
                        new Random(7))) {
            assertThat(Trial.problems(ref, arguments)).isEmpty();
            return trial.run(arguments, Duration.ZERO);
        }
    }
}
