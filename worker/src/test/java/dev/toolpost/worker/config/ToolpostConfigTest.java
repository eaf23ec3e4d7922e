package dev.toolpost.worker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.toolpost.connectors.signing.PublicKeys;
import dev.toolpost.worker.paging.CursorKey;
import dev.toolpost.worker.ratelimit.TenantWeights;
import dev.toolpost.worker.ratelimit.shared.RedisSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ToolpostConfigTest {
    private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);

    @TempDir
    private Path directory;

    @Test
    void everyDefault() {
        ToolpostConfig config = ToolpostConfig.load(null, Map.of("HOME", "/home/ada"));

        assertThat(config.prefix()).isEqualTo("toolpost.");
        assertThat(config.authorization()).isNull();
        assertThat(config.defaultTenant()).isNull();
        assertThat(config.kafka()).isEqualTo(new ToolpostConfig.Kafka(Map.of("bootstrap.servers", "localhost:9092")));
        assertThat(config.schemaRegistry()).isNull();
        assertThat(config.pools()).isEmpty();
        assertThat(config.connectors())
                .isEqualTo(new ToolpostConfig.Connectors(List.of(), List.of(), PublicKeys.of(List.of()), null));
        assertThat(config.credentials())
                .isEqualTo(new ToolpostConfig.Credentials(
                        Path.of("/home/ada/.toolpost/credentials"),
                        Path.of("/home/ada/.toolpost/credentials.key"),
                        Duration.ofSeconds(25),
                        Duration.ofHours(1),
                        null,
                        null));
        assertThat(config.topics().partitions()).isEqualTo(24);
        assertThat(config.topics().replication()).isEqualTo((short) -1);
        assertThat(config.topics().replyPattern().pattern()).isEqualTo("toolpost\\.replies(\\..+)?");
        assertThat(config.topics().replyMaxMessageSize()).isEqualTo(DataSize.ofMebibytes(1));
        assertThat(config.worker())
                .isEqualTo(new ToolpostConfig.Worker(
                        "toolpost",
                        GroupProtocol.CLASSIC,
                        Duration.ofSeconds(6),
                        Duration.ofSeconds(10),
                        Duration.ofMillis(100),
                        4_096,
                        1_024,
                        Duration.ofSeconds(5),
                        DataSize.ofMebibytes(1),
                        null,
                        "127.0.0.1",
                        Duration.ofMinutes(5),
                        Duration.ofHours(24),
                        Duration.ofDays(7),
                        DataSize.ofKibibytes(256)));
        assertThat(config.http())
                .isEqualTo(new ToolpostConfig.Http(Duration.ofSeconds(5), DataSize.ofMebibytes(16), List.of()));
        assertThat(config.limits())
                .isEqualTo(new ToolpostConfig.Limits(
                        null, WhenUnreachable.SHARE, Duration.ofMinutes(10), TenantWeights.EQUAL));
        assertThat(config.scheduler())
                .isEqualTo(new ToolpostConfig.Scheduler(
                        "toolpost.scheduler",
                        Path.of("/home/ada/.toolpost/scheduler"),
                        2,
                        0,
                        "127.0.0.1",
                        8_079,
                        null,
                        Duration.ofMillis(50),
                        Duration.ofSeconds(6),
                        Duration.ofSeconds(10),
                        new ToolpostConfig.SchedulerMemory(DataSize.ofMebibytes(128), DataSize.ofMebibytes(64)),
                        new ToolpostConfig.Jobs(
                                8,
                                4,
                                64,
                                5,
                                Duration.ofSeconds(5),
                                Duration.ofDays(7),
                                Duration.ofDays(30),
                                Duration.ofDays(30))));
        assertThat(config.cursorKeys()).isEmpty();
    }

    @Test
    void everyKeyFromTheFile() throws IOException {
        ToolpostConfig config = load("""
                prefix: acme.tools.
                authorization: off
                default_tenant: acme
                kafka:
                  bootstrap.servers: k1:9092,k2:9092
                  ssl:
                    truststore.location: trust.p12
                schema_registry:
                  url: [https://r1:8081, https://r2:8081/registry]
                  basic_auth: { username: ada, password: 1815 }
                pools: [crm, common]
                connectors:
                  directories: [mine]
                  disabled: [hubspot]
                credentials: { file: store, key_file: /keys/store.key }
                topics:
                  partitions: 12
                  replication: 3
                  reply_pattern: 'acme\\..*'
                  reply_max_message_size: 2MiB
                worker:
                  client_id_prefix: eu
                  group_protocol: consumer
                  session_timeout: 8s
                  transaction_timeout: 9s
                  offset_commit_interval: 250ms
                  max_in_flight: 100
                  max_in_flight_per_connection: 10
                  drain_timeout: 1m
                  max_call_size: 512KiB
                  health_port: 8090
                  health_bind: 0.0.0.0
                  deadline_interactive: 1m
                  deadline_batch: 2h
                  deadline_max: 3d
                  recorded_reply_max: 64KiB
                http:
                  connect_timeout: 700ms
                  max_response_size: 1GiB
                  allow_addresses: [10.0.0.0/8, vendor.internal]
                limits:
                  redis:
                    url: rediss://redis.internal:6380/2
                    username: ada
                    password_file: redis.password
                    ca_file: /keys/ca.pem
                    timeout: 250ms
                    prefix: "acme:"
                    jitter: 2s
                    burst: 25
                  when_unreachable: closed
                  defer_after: 3m
                  tenant_weights: { acme: 3 }
                scheduler:
                  application_id: acme-scheduler
                  state_directory: state
                  threads: 4
                  standby_replicas: 1
                  http_bind: 0.0.0.0
                  http_port: 0
                  advertised_address: scheduler-1.internal:8079
                  commit_interval: 100ms
                  session_timeout: 10s
                  transaction_timeout: 15s
                  block_cache: 1GiB
                  write_buffers: 256MiB
                  parts_per_job: 16
                  parts_per_connection: 2
                  parts_per_vendor: 100
                  part_attempts: 3
                  part_retry_after: 1s
                  job_deadline: 1d
                  job_deadline_max: 14d
                  job_retention: 90d
                cursor_keys:
                  - { id: new, key: %s }
                  - old:%s
                cursor_key_file: more.keys
                """.formatted(KEY, KEY), "more.keys", "# spare\nspare:" + KEY + "\n");

        assertThat(config.prefix()).isEqualTo("acme.tools.");
        assertThat(config.authorization()).isEqualTo(Authorization.OFF);
        assertThat(config.defaultTenant()).isEqualTo("acme");
        assertThat(config.kafka().properties())
                .isEqualTo(Map.of("bootstrap.servers", "k1:9092,k2:9092", "ssl.truststore.location", "trust.p12"));
        assertThat(config.schemaRegistry())
                .isEqualTo(new ToolpostConfig.Registry(
                        List.of(URI.create("https://r1:8081"), URI.create("https://r2:8081/registry")),
                        new ToolpostConfig.BasicAuth("ada", "1815")));
        assertThat(config.pools()).containsExactly("crm", "common");
        assertThat(config.connectors())
                .isEqualTo(new ToolpostConfig.Connectors(
                        List.of(directory.resolve("mine")), List.of("hubspot"), PublicKeys.of(List.of()), null));
        assertThat(config.credentials())
                .isEqualTo(new ToolpostConfig.Credentials(
                        directory.resolve("store"),
                        Path.of("/keys/store.key"),
                        Duration.ofSeconds(25),
                        Duration.ofHours(1),
                        null,
                        null));
        assertThat(config.topics().partitions()).isEqualTo(12);
        assertThat(config.topics().replication()).isEqualTo((short) 3);
        assertThat(config.topics().replyPattern().pattern()).isEqualTo("acme\\..*");
        assertThat(config.topics().replyMaxMessageSize()).isEqualTo(DataSize.ofMebibytes(2));
        assertThat(config.worker())
                .isEqualTo(new ToolpostConfig.Worker(
                        "eu",
                        GroupProtocol.CONSUMER,
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(9),
                        Duration.ofMillis(250),
                        100,
                        10,
                        Duration.ofMinutes(1),
                        DataSize.ofKibibytes(512),
                        8090,
                        "0.0.0.0",
                        Duration.ofMinutes(1),
                        Duration.ofHours(2),
                        Duration.ofDays(3),
                        DataSize.ofKibibytes(64)));
        assertThat(config.http())
                .isEqualTo(new ToolpostConfig.Http(
                        Duration.ofMillis(700), DataSize.ofMebibytes(1024), List.of("10.0.0.0/8", "vendor.internal")));
        assertThat(config.limits())
                .isEqualTo(new ToolpostConfig.Limits(
                        new RedisSettings(
                                URI.create("rediss://redis.internal:6380/2"),
                                "ada",
                                null,
                                directory.resolve("redis.password"),
                                Path.of("/keys/ca.pem"),
                                Duration.ofMillis(250),
                                "acme:",
                                Duration.ofSeconds(2),
                                0.25),
                        WhenUnreachable.CLOSED,
                        Duration.ofMinutes(3),
                        new TenantWeights(Map.of("acme", 3))));
        assertThat(config.scheduler())
                .isEqualTo(new ToolpostConfig.Scheduler(
                        "acme-scheduler",
                        directory.resolve("state"),
                        4,
                        1,
                        "0.0.0.0",
                        0,
                        "scheduler-1.internal:8079",
                        Duration.ofMillis(100),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(15),
                        new ToolpostConfig.SchedulerMemory(DataSize.ofMebibytes(1024), DataSize.ofMebibytes(256)),
                        new ToolpostConfig.Jobs(
                                16,
                                2,
                                100,
                                3,
                                Duration.ofSeconds(1),
                                Duration.ofDays(1),
                                Duration.ofDays(14),
                                Duration.ofDays(90))));
        assertThat(config.cursorKeys()).extracting(CursorKey::id).containsExactly("new", "old", "spare");
    }

    @Test
    void theReferenceNamesEveryKeyWithItsDefault() throws IOException {
        Map<String, String> documented = new LinkedHashMap<>();
        Matcher row = Pattern.compile("(?m)^\\| `([a-z_.]+)` \\| (?:`([^`]+)`|\\(none\\)) \\|")
                .matcher(Files.readString(Path.of("../docs/configuration.md")));
        while (row.find()) {
            documented.put(row.group(1), row.group(2) == null ? Settings.NONE : row.group(2));
        }

        assertThat(documented).isEqualTo(ToolpostConfig.declaredKeys());
    }

    @Test
    void aRedisWithAUserInItsAddressIsRefusedWithoutShowingThePassword() {
        assertThatThrownBy(() -> ToolpostConfig.load(
                        null, Map.of("TOOLPOST_LIMITS_REDIS_URL", "redis://ada:canary@redis.internal:6379")))
                .hasMessageContaining("redis://(redacted)@redis.internal:6379")
                .hasMessageContaining("user and password have keys of their own")
                .hasMessageNotContaining("canary");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://redis.internal:99999",
                "redis://redis.internal:0",
                "rediss://redis.internal:65536/2",
                "redis://redis.internal:99999999999",
                "redis://redis.internal:six",
                "redis://{host}:6379"
            })
    void aRedisAtAnAddressThatCannotBeIsRefused(String url) {
        assertThatThrownBy(() -> ToolpostConfig.load(null, Map.of("TOOLPOST_LIMITS_REDIS_URL", url)))
                .hasMessageContaining("limits.redis.url")
                .hasMessageContaining(url)
                .hasMessageContaining("such as redis://localhost:6379 (ports: 1..65535)");
    }

    @Test
    void thePasswordOfRedisIsNotShown() {
        ToolpostConfig config = ToolpostConfig.load(
                null,
                Map.of(
                        "TOOLPOST_LIMITS_REDIS_URL", "redis://redis.internal",
                        "TOOLPOST_LIMITS_REDIS_PASSWORD", "canary"));
        assertThat(config.limits().redis()).isNotNull();
        assertThat(config.toString()).contains("redis.internal").doesNotContain("canary");
    }

    @Test
    void environmentGoesBeforeTheFileAndOptionsGoBeforeBoth() throws IOException {
        Path file = file("worker: { max_in_flight: 2000, drain_timeout: 1s }\nkafka: { bootstrap.servers: file:1 }");
        ToolpostConfig config = ToolpostConfig.load(
                file,
                Map.of(
                        "TOOLPOST_WORKER_MAX_IN_FLIGHT", "3000",
                        "TOOLPOST_KAFKA_BOOTSTRAP_SERVERS", "environment:1",
                        "TOOLPOST_KAFKA_SASL_JAAS_CONFIG", "secret words",
                        "TOOLPOST_POOLS", "crm, common",
                        "TOOLPOST_CURSOR_KEYS", "a:" + KEY,
                        "TOOLPOST_WORKER_DRAIN_TIMEOUT", "",
                        "TOOLPOST_LOG", "INFO"),
                Map.of("kafka.bootstrap.servers", "option:1"));

        assertThat(config.worker().maxInFlight()).isEqualTo(3_000);
        assertThat(config.kafka().bootstrapServers()).isEqualTo("option:1");
        assertThat(config.kafka().properties()).containsEntry("sasl.jaas.config", "secret words");
        assertThat(config.pools()).containsExactly("crm", "common");
        assertThat(config.cursorKeys()).hasSize(1);
        assertThat(config.worker().drainTimeout()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void weightsOfTenantsComeFromTheEnvironmentToo() throws IOException {
        Path file = file("limits: { tenant_weights: { acme: 3, initech: 4 } }");
        TenantWeights weights = ToolpostConfig.load(
                        file, Map.of("TOOLPOST_LIMITS_TENANT_WEIGHTS", "acme=5, globex.eu-1=2"))
                .limits()
                .tenantWeights();
        assertThat(weights).isEqualTo(new TenantWeights(Map.of("acme", 5, "globex.eu-1", 2, "initech", 4)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            acme           | limits.tenant_weights: acme (expected: tenants with whole numbers from 1 to 9999, such as acme=3,globex=2)
            acme=0         | limits.tenant_weights: acme=0 (expected: tenants with
            acme=3,b=10000 | limits.tenant_weights: b=10000 (expected: tenants with
            Acme Inc=3     | limits.tenant_weights: Acme Inc=3 (expected: tenants with
            acme=3,        | limits.tenant_weights:  (expected: tenants with
            acme=3,acme=4  | limits.tenant_weights: acme=4 (expected: each tenant once)
            """)
    void aWeightThatCannotBeIsNamedWithItsVariable(String text, String problem) {
        assertThatThrownBy(() -> ToolpostConfig.load(null, Map.of("TOOLPOST_LIMITS_TENANT_WEIGHTS", text)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("environment variable TOOLPOST_LIMITS_TENANT_WEIGHTS: " + problem);
    }

    @Test
    void devHasItsOwnDefaultsWhichTheFileOverrides() throws IOException {
        ToolpostConfig dev = ToolpostConfig.dev(file("topics: { partitions: 6 }"), Map.of(), Map.of());

        assertThat(dev.authorization()).isEqualTo(Authorization.OFF);
        assertThat(dev.requireWorkable()).isSameAs(dev);
        assertThat(dev.defaultTenant()).isEqualTo("dev");
        assertThat(dev.topics().partitions()).isEqualTo(6);
        assertThat(dev.topics().replication()).isEqualTo((short) 1);
        assertThat(dev.http().allowAddresses()).containsExactly("127.0.0.0/8", "::1/128");
    }

    @Test
    void aWorkerNeedsAChoiceOfAuthorization() {
        assertThatThrownBy(() -> ToolpostConfig.load(null, Map.of()).requireWorkable())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("authorization is not set")
                .hasMessageContaining("TOOLPOST_AUTHORIZATION=off");
    }

    @Test
    void requiredAuthorizationIsRefusedWhileThereIsNone() {
        assertProblems("authorization: required", "1:16: authorization: required (expected: off; calls cannot prove");
    }

    @Test
    void anUnknownKeyNamesTheNearestAndItsPlace() {
        assertProblems(
                "prefix: a.\nworker:\n  max_in_flite: 5\n",
                "3:3: worker.max_in_flite: unknown key (nearest known key: worker.max_in_flight; all keys:"
                        + " docs/configuration.md)");
    }

    @Test
    void aKeyInTheWrongSectionNamesTheRightOne() {
        assertProblems("max_in_flight: 5", "1:1: max_in_flight: unknown key (nearest known key: worker.max_in_flight;");
    }

    @Test
    void anUnknownVariableIsAnErrorButThoseOfKubernetesAreNot() {
        Map<String, String> kubernetes = Map.of(
                "TOOLPOST_SERVICE_HOST", "10.0.0.1",
                "TOOLPOST_PORT", "tcp://10.0.0.1:80",
                "TOOLPOST_KAFKA_SERVICE_PORT_TLS", "9093",
                "TOOLPOST_KAFKA_PORT_9093_TCP_ADDR", "10.0.0.2");
        assertThat(ToolpostConfig.load(null, kubernetes).kafka().properties()).hasSize(1);

        assertThatThrownBy(() -> ToolpostConfig.load(null, Map.of("TOOLPOST_WORKER_MAX_INFLIGHT", "5")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("environment variable TOOLPOST_WORKER_MAX_INFLIGHT")
                .hasMessageContaining("nearest known key: worker.max_in_flight;");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            worker: {drain_timeout: 10}          | 1:25: worker.drain_timeout: 10 (expected: a duration with its unit
            worker: {session_timeout: 2h}        | worker.session_timeout: 2h (expected: a duration from 1s to 60s)
            worker: {max_call_size: 1MB}         | worker.max_call_size: 1MB (expected: a size with its unit
            worker: {max_in_flight: many}        | worker.max_in_flight: many (expected: a whole number from 1
            worker: {max_in_flight: 9, max_in_flight_per_connection: 10} | 10 (expected: a whole number from 1 to 9)
            worker: {deadline_max: 1h, deadline_batch: 2h} | deadline_batch: 2h (expected: a duration from 1s to 1h)
            worker: {group_protocol: fast}       | worker.group_protocol: fast (expected: classic or consumer)
            scheduler: {advertised_address: here} | advertised_address: here (expected: a host and a port
            scheduler: {write_buffers: 1GiB}     | 1GiB (expected: at most scheduler.block_cache, 128MiB
            worker: 5                            | 1:9: worker is a section, not a value
            topics: {reply_pattern: 'a('}        | topics.reply_pattern: a( (expected: a regular expression;
            schema_registry: {url: registry}     | schema_registry.url: registry (expected: http:// or https://
            schema_registry: {basic_auth: {username: a}} | username: given alone (expected: username and password together)
            prefix: a b                          | prefix: a b (expected: 1 to 100 letters
            default_tenant: [a]                  | default_tenant: a list (expected: one value)
            prefix: [                            | not YAML
            - a                                  | a configuration is a list of `key: value` lines
            """)
    void aWrongValueNamesValueExpectationAndPlace(String yaml, String problem) {
        assertProblems(yaml, problem);
    }

    @Test
    void allProblemsAreToldAtOnce() throws IOException {
        Path file = file("prefix: a b\nworker: { drain_timeout: 5 }\nhttpx: 1\nprefix: c\n");

        assertThatThrownBy(() -> ToolpostConfig.load(file, Map.of()))
                .isInstanceOfSatisfying(
                        ConfigException.class, e -> assertThat(e.problems()).hasSize(4))
                .hasMessageContaining(":4:1: prefix: given twice (first at " + file + ":1:1)");
    }

    @Test
    void aLowerMaximumLowersTheDefaultsBelowIt() throws IOException {
        ToolpostConfig config = load("worker: { max_in_flight: 10, deadline_max: 1h }");

        assertThat(config.worker().maxInFlightPerConnection()).isEqualTo(10);
        assertThat(config.worker().deadlineBatch()).isEqualTo(Duration.ofHours(1));
        assertThat(config.worker().deadlineInteractive()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void theReplyPatternFollowsThePrefix() throws IOException {
        assertThat(load("prefix: acme.").topics().replyPattern().pattern()).isEqualTo("acme\\.replies(\\..+)?");
    }

    @Test
    void aMissingFileSaysSo() {
        assertThatThrownBy(() -> ToolpostConfig.load(directory.resolve("none.yaml"), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("none.yaml: there is no such configuration file");
    }

    @Test
    void secretsAreNotShown() throws IOException {
        String shown = load("""
                        kafka: { ssl.key.password: hush, sasl.jaas.config: hush, client.rack: eu }
                        schema_registry: { url: http://r, basic_auth: { username: ada, password: hush } }
                        cursor_keys: [ 'k:%s' ]
                        """.formatted(KEY)).toString();
        assertThat(shown).contains("client.rack=eu", "ada", "CursorKey[k]").doesNotContain("hush", KEY);

        assertProblems("cursor_keys: ['k:hush']", "not a cursor key", "hush");
        assertProblems("schema_registry: { url: 'http://ada:hush@r' }", "http://(redacted)@r", "hush");
    }

    @ParameterizedTest
    @CsvSource({"0B", "1B", "1023B", "1KiB", "1536KiB", "4MiB", "1GiB"})
    void aSizeIsWrittenAsItWasRead(String text) {
        assertThat(DataSize.parse(text)).hasToString(text);
    }

    private void assertProblems(String yaml, String expected, String... absent) {
        assertThatThrownBy(() -> load(yaml))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(directory.toString())
                .hasMessageContaining(expected)
                .satisfies(e ->
                        assertThat(e.getMessage()).doesNotContain(absent.length == 0 ? new String[] {"\0"} : absent));
    }

    private ToolpostConfig load(String yaml, String... others) throws IOException {
        for (int i = 0; i < others.length; i += 2) {
            Files.writeString(directory.resolve(others[i]), others[i + 1]);
        }
        return ToolpostConfig.load(file(yaml), Map.of());
    }

    private Path file(String yaml) throws IOException {
        return Files.writeString(directory.resolve("toolpost.yaml"), yaml);
    }
}
