package dev.toolpost.worker.config;

import dev.toolpost.connectors.signing.PublicKeys;
import dev.toolpost.schemas.Ids;
import dev.toolpost.worker.paging.CursorKey;
import dev.toolpost.worker.ratelimit.TenantWeights;
import dev.toolpost.worker.ratelimit.shared.RedisSettings;
import dev.toolpost.worker.vault.VaultSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration, immutable, read once at start. What every key means is in {@code docs/configuration.md}.
 *
 * <p>A value comes from, the last one that gives it counting: the default, the file, an environment variable, an option
 * of the command line.
 *
 * @param prefix begins the names of all topics
 * @param authorization null where nobody chose; {@link #requireWorkable} refuses that
 * @param defaultTenant the tenant of calls that name none; null refuses them
 * @param pools the pools to work for; empty means all of the catalogue and {@code common}
 * @param cursorKeys the newest first; empty means that the worker has to make one
 */
public record ToolpostConfig(
        String prefix,
        @Nullable Authorization authorization,
        @Nullable String defaultTenant,
        Kafka kafka,
        @Nullable Registry schemaRegistry,
        List<String> pools,
        Connectors connectors,
        Credentials credentials,
        Topics topics,
        Worker worker,
        Http http,
        Limits limits,
        Scheduler scheduler,
        List<CursorKey> cursorKeys) {

    private static final int HIGHEST_PORT = 65_535;
    private static final String LOCAL_KAFKA = "localhost:9092";
    private static final Map<String, String> KAFKA_DEFAULTS = Map.of("bootstrap.servers", LOCAL_KAFKA);

    /** What {@code dev} and {@code demo} use unless told otherwise: no authorization, small topics, vendors on loopback. */
    private static final Map<String, String> DEV_DEFAULTS = Map.of(
            "authorization", "off",
            "default_tenant", "dev",
            "topics.partitions", "3",
            "topics.replication", "1",
            "http.allow_addresses", "127.0.0.0/8,::1/128");

    /** Everything that goes to Kafka's clients as it is; {@code toString} shows no secret. */
    public record Kafka(Map<String, String> properties) {
        private static final Pattern SECRET = Pattern.compile("(?i).*(password|secret|token|jaas|credential|user\\.info"
                + "|private\\.key|keystore\\.key|assertion\\.claim|ssl\\.keystore\\.certificate).*");

        public Kafka {
            properties = Collections.unmodifiableMap(new TreeMap<>(properties));
        }

        public String bootstrapServers() {
            return properties.getOrDefault("bootstrap.servers", LOCAL_KAFKA);
        }

        @Override
        public String toString() {
            Map<String, String> shown = new TreeMap<>(properties);
            shown.replaceAll((key, value) -> SECRET.matcher(key).matches() ? "(redacted)" : value);
            return "Kafka" + shown;
        }
    }

    /**
     * The schema registry.
     *
     * @param urls one or several, tried in order
     * @param basicAuth null where the registry wants none
     */
    public record Registry(List<URI> urls, @Nullable BasicAuth basicAuth) {}

    /** A user and its password, which {@code toString} does not show. */
    public record BasicAuth(String username, String password) {
        @Override
        public String toString() {
            return "BasicAuth[username=" + username + ", password=(redacted)]";
        }
    }

    /**
     * Which connectors there are.
     *
     * @param directories with connectors of one's own, read after the bundled ones
     * @param disabled vendors whose tools are not offered
     * @param trustedKeys whose published definitions count; with none nothing that is published does
     * @param signingKeyFile of whoever publishes definitions, or null; workers have no use for it
     */
    public record Connectors(
            List<Path> directories,
            List<String> disabled,
            PublicKeys trustedKeys,
            @Nullable Path signingKeyFile) {}

    /**
     * The store of credentials.
     *
     * @param file the encrypted local store
     * @param keyFile its key
     * @param refreshTimeout how long fetching an access token may take
     * @param idleCheck how often grants are looked for that would die unused; zero for never
     * @param refreshIdleAfter how long a grant is left alone at most, whatever connectors say; null for as they say
     * @param vault takes the place of the local store; null without one
     */
    public record Credentials(
            Path file,
            Path keyFile,
            Duration refreshTimeout,
            Duration idleCheck,
            @Nullable Duration refreshIdleAfter,
            @Nullable Vault vault) {}

    /**
     * Vault or OpenBao as the store of credentials.
     *
     * @param server where it is and how to log in
     * @param mount of a KV engine of version 2
     * @param prefix of all paths below it
     * @param cacheTtl for how long a connection is used without looking whether it changed
     * @param cacheSize connections in memory at most
     */
    public record Vault(VaultSettings server, String mount, String prefix, Tls tls, Duration cacheTtl, int cacheSize) {}

    /**
     * Files in PEM.
     *
     * @param authorities whom to trust, and nobody else; null for whom the platform trusts
     * @param certificate to show, or null
     * @param key of the certificate, or null
     */
    public record Tls(
            @Nullable Path authorities,
            @Nullable Path certificate,
            @Nullable Path key) {}

    /**
     * How topics are made, and where replies may go.
     *
     * @param partitions of every topic of a pool; fixed at creation
     * @param replication copies of each partition; -1 leaves it to the brokers
     * @param replyPattern what the name of a reply topic has to match as a whole
     * @param replyMaxMessageSize the largest frame
     */
    public record Topics(int partitions, short replication, Pattern replyPattern, DataSize replyMaxMessageSize) {}

    /**
     * One worker process.
     *
     * @param healthPort null for no health endpoint, 0 for any free port
     */
    public record Worker(
            String clientIdPrefix,
            GroupProtocol groupProtocol,
            Duration sessionTimeout,
            Duration transactionTimeout,
            Duration offsetCommitInterval,
            int maxInFlight,
            int maxInFlightPerConnection,
            Duration drainTimeout,
            DataSize maxCallSize,
            @Nullable Integer healthPort,
            String healthBind,
            Duration deadlineInteractive,
            Duration deadlineBatch,
            Duration deadlineMax,
            DataSize recordedReplyMax) {}

    /**
     * Requests to vendors. The connection pool has no setting: it is never smaller than the calls that may be in flight.
     *
     * @param allowAddresses hosts, addresses and CIDR ranges that may be private, loopback or link-local
     */
    public record Http(Duration connectTimeout, DataSize maxResponseSize, List<String> allowAddresses) {}

    /**
     * How vendors' limits are shared.
     *
     * @param redis keeps what all workers share; null where each worker has a part by the shards that it owns
     * @param whenUnreachable what holds while Redis does not answer
     * @param deferAfter calls whose permits are farther than this leave the line for them, and come back shortly before their time
     * @param tenantWeights what tenants that want more than a vendor gives have of it, each at least 1; one that is not named has 1
     */
    public record Limits(
            @Nullable RedisSettings redis,
            WhenUnreachable whenUnreachable,
            Duration deferAfter,
            TenantWeights tenantWeights) {}

    /**
     * One scheduler process.
     *
     * @param applicationId names group, internal topics and transactions: the same for all instances, and for ever
     * @param stateDirectory one for each process
     * @param httpPort 0 for any free port
     * @param advertisedAddress host and port by which other instances reach this one; null for what it listens on
     * @param commitInterval what was done is seen after this at the latest
     */
    public record Scheduler(
            String applicationId,
            Path stateDirectory,
            int threads,
            int standbyReplicas,
            String httpBind,
            int httpPort,
            @Nullable String advertisedAddress,
            Duration commitInterval,
            Duration sessionTimeout,
            Duration transactionTimeout,
            SchedulerMemory memory,
            Jobs jobs) {}

    /** What the scheduler's state may take outside of the heap; the write buffers are a part of the block cache. */
    public record SchedulerMemory(DataSize blockCache, DataSize writeBuffers) {}

    /**
     * How jobs are worked off.
     *
     * @param partsPerJob at once, where a job names no concurrency
     * @param partsPerConnection of all jobs, at once
     * @param partsPerVendor of all jobs, at once
     * @param partAttempts runs of a part that come no further before it is given up
     * @param partRetryAfter wait before the second of them; it doubles
     * @param retention how long it is kept how a job ended
     */
    public record Jobs(
            int partsPerJob,
            int partsPerConnection,
            int partsPerVendor,
            int partAttempts,
            Duration partRetryAfter,
            Duration deadline,
            Duration deadlineMax,
            Duration retention) {}

    /**
     * Reads the configuration.
     *
     * @param file null for none
     * @param environment as of {@link System#getenv()}
     * @throws ConfigException with all problems, each with its place and remedy
     */
    public static ToolpostConfig load(@Nullable Path file, Map<String, String> environment) {
        return load(file, environment, Map.of());
    }

    /** As {@link #load(Path, Map)}, with options of the command line by key, which count more than all else. */
    public static ToolpostConfig load(
            @Nullable Path file, Map<String, String> environment, Map<String, String> options) {
        return read(file, environment, options, Map.of());
    }

    /** As {@link #load(Path, Map, Map)} with the defaults of {@code toolpost dev}. */
    public static ToolpostConfig dev(
            @Nullable Path file, Map<String, String> environment, Map<String, String> options) {
        return read(file, environment, options, DEV_DEFAULTS);
    }

    /** This configuration, when a worker may run with it.
     *
     * @throws ConfigException where {@code authorization} is not set
     */
    public ToolpostConfig requireWorkable() {
        if (authorization == null) {
            throw new ConfigException(List.of("authorization is not set (expected: off). A worker executes the calls of"
                    + " everybody who may write to its topics; say that this is meant with `authorization: off` in the"
                    + " configuration or TOOLPOST_AUTHORIZATION=off."));
        }
        return this;
    }

    private static ToolpostConfig read(
            @Nullable Path file,
            Map<String, String> environment,
            Map<String, String> options,
            Map<String, String> defaults) {
        List<String> problems = new ArrayList<>();
        Map<String, Setting> given = new LinkedHashMap<>();
        if (file != null) {
            given.putAll(YamlSettings.read(file, problems));
        }
        given.putAll(EnvironmentSettings.of(environment, declaredKeys().keySet()));
        options.forEach((key, text) -> given.put(key, EnvironmentSettings.given(key, "option", text)));

        Settings settings = new Settings(given, defaults, problems);
        Path base = file == null ? Path.of("") : file.toAbsolutePath().getParent();
        String home = environment.getOrDefault("HOME", System.getProperty("user.home", "."));
        ToolpostConfig config =
                from(settings, base, Path.of(home, ".toolpost"), environment.get("VAULT_TOKEN"), problems);
        settings.refuseUnknown();
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return config;
    }

    /** Every key with its default. */
    static Map<String, String> declaredKeys() {
        Settings settings = new Settings(new HashMap<>(), Map.of(), new ArrayList<>());
        from(settings, Path.of(""), Path.of("~/.toolpost"), null, new ArrayList<>());
        return settings.declared();
    }

    private static ToolpostConfig from(
            Settings settings, @Nullable Path base, Path home, @Nullable String vaultToken, List<String> problems) {
        String prefix = topicPrefix(settings);
        return new ToolpostConfig(
                prefix,
                authorization(settings),
                settings.optionalText("default_tenant"),
                new Kafka(settings.below("kafka", KAFKA_DEFAULTS)),
                registry(settings),
                settings.texts("pools"),
                new Connectors(
                        settings.texts("connectors.directories").stream()
                                .map(directory -> resolve(base, directory))
                                .toList(),
                        settings.texts("connectors.disabled"),
                        trustedKeys(settings),
                        optionalPath(settings, base, "connectors.signing_key_file")),
                new Credentials(
                        resolve(base, settings.text("credentials.file", home.resolve("credentials") + "")),
                        resolve(base, settings.text("credentials.key_file", home.resolve("credentials.key") + "")),
                        settings.duration("credentials.refresh_timeout", "25s", "1s", "2m"),
                        settings.duration("credentials.idle_check", "1h", "0s", "1d"),
                        settings.optionalDuration("credentials.refresh_idle_after", "1s", "365d"),
                        new VaultKeys(settings, file -> resolve(base, file), vaultToken).read()),
                topics(settings, prefix),
                worker(settings),
                http(settings),
                limits(settings, base),
                new SchedulerKeys(settings, file -> resolve(base, file)).read(prefix, home),
                CursorKeys.read(
                        settings.items("cursor_keys"), optionalPath(settings, base, "cursor_key_file"), problems));
    }

    private static PublicKeys trustedKeys(Settings settings) {
        try {
            return PublicKeys.of(settings.texts("connectors.trusted_keys"));
        } catch (IllegalArgumentException wrong) {
            settings.wrong("connectors.trusted_keys", String.valueOf(wrong.getMessage()), "a list of such keys");
            return PublicKeys.of(List.of());
        }
    }

    private static String topicPrefix(Settings settings) {
        String prefix = settings.text("prefix", "toolpost.");
        if (!prefix.matches("[a-zA-Z0-9._-]{1,100}")) {
            settings.wrong("prefix", prefix, "1 to 100 letters, digits, dots, underscores and hyphens");
        }
        return prefix;
    }

    private static @Nullable Authorization authorization(Settings settings) {
        Authorization authorization = settings.optionalChoice("authorization", Authorization.class);
        if (authorization == Authorization.REQUIRED) {
            settings.wrong(
                    "authorization",
                    "required",
                    "off; calls cannot prove who makes them in this version yet, so `required` is refused rather than"
                            + " pretended. Let Kafka's ACLs say who may write to the topics");
        }
        return authorization;
    }

    private static @Nullable Registry registry(Settings settings) {
        List<URI> urls = new ArrayList<>();
        for (String url : settings.texts("schema_registry.url")) {
            if (url.matches("https?://[^\\s/?#@]+(/\\S*)?")) {
                urls.add(URI.create(url));
            } else {
                settings.wrong(
                        "schema_registry.url",
                        url.replaceAll("//.*@", "//(redacted)@"),
                        "http:// or https:// with a host and no user, such as"
                                + " http://localhost:8081; several separated by commas");
            }
        }
        String username = settings.optionalText("schema_registry.basic_auth.username");
        String password = settings.optionalText("schema_registry.basic_auth.password");
        if ((username == null) != (password == null)) {
            settings.wrong(
                    "schema_registry.basic_auth." + (username == null ? "password" : "username"),
                    "given alone",
                    "username and password together");
        }
        BasicAuth basicAuth = username == null || password == null ? null : new BasicAuth(username, password);
        return urls.isEmpty() ? null : new Registry(List.copyOf(urls), basicAuth);
    }

    private static Topics topics(Settings settings, String prefix) {
        Integer replication = settings.optionalNumber("topics.replication", 1, 100);
        return new Topics(
                settings.number("topics.partitions", 24, 1, 10_000),
                replication == null ? -1 : replication.shortValue(),
                settings.pattern("topics.reply_pattern", prefix.replace(".", "\\.") + "replies(\\..+)?"),
                settings.size("topics.reply_max_message_size", "1MiB", "64KiB", "64MiB"));
    }

    private static Worker worker(Settings settings) {
        int maxInFlight = settings.number("worker.max_in_flight", 4_096, 1, 1_000_000);
        Duration deadlineMax = settings.duration("worker.deadline_max", "7d", "1s", "7d");
        return new Worker(
                settings.text("worker.client_id_prefix", "toolpost"),
                settings.choice("worker.group_protocol", GroupProtocol.CLASSIC),
                settings.duration("worker.session_timeout", "6s", "1s", "60s"),
                settings.duration("worker.transaction_timeout", "10s", "1s", "10s"),
                settings.duration("worker.offset_commit_interval", "100ms", "10ms", "5s"),
                maxInFlight,
                settings.number("worker.max_in_flight_per_connection", Math.min(1_024, maxInFlight), 1, maxInFlight),
                settings.duration("worker.drain_timeout", "5s", "0s", "5m"),
                settings.size("worker.max_call_size", "1MiB", "1KiB", "4MiB"),
                settings.optionalNumber("worker.health_port", 0, HIGHEST_PORT),
                settings.text("worker.health_bind", "127.0.0.1"),
                deadline(settings, "worker.deadline_interactive", Duration.ofMinutes(5), deadlineMax),
                deadline(settings, "worker.deadline_batch", Duration.ofHours(24), deadlineMax),
                deadlineMax,
                settings.size("worker.recorded_reply_max", "256KiB", "0B", "1MiB"));
    }

    private static Duration deadline(Settings settings, String key, Duration fallback, Duration most) {
        Duration least = fallback.compareTo(most) < 0 ? fallback : most;
        return settings.duration(key, Durations.text(least), "1s", Durations.text(most));
    }

    private static Http http(Settings settings) {
        return new Http(
                settings.duration("http.connect_timeout", "5s", "10ms", "5m"),
                settings.size("http.max_response_size", "16MiB", "1KiB", "1GiB"),
                settings.texts("http.allow_addresses"));
    }

    private static Limits limits(Settings settings, @Nullable Path base) {
        String url = settings.optionalText("limits.redis.url");
        String username = settings.optionalText("limits.redis.username");
        String password = settings.optionalText("limits.redis.password");
        Path passwordFile = optionalPath(settings, base, "limits.redis.password_file");
        Path caFile = optionalPath(settings, base, "limits.redis.ca_file");
        Duration timeout = settings.duration("limits.redis.timeout", "500ms", "20ms", "10s");
        String prefix = settings.text("limits.redis.prefix", "toolpost:");
        Duration jitter = settings.duration("limits.redis.jitter", "1s", "250ms", "1m");
        int burst = settings.number("limits.redis.burst", 10, 1, 100);
        Duration deferAfter = settings.duration("limits.defer_after", "10m", "1s", "7d");
        WhenUnreachable whenUnreachable = settings.choice("limits.when_unreachable", WhenUnreachable.SHARE);
        if (password != null && passwordFile != null) {
            settings.wrong("limits.redis.password_file", "given beside limits.redis.password", "one of the two");
        }
        if (username != null && password == null && passwordFile == null) {
            settings.wrong("limits.redis.password", "missing", "one for limits.redis.username");
        }
        if (!prefix.matches("[!-~]{0,100}")) {
            settings.wrong("limits.redis.prefix", prefix, "up to 100 characters of ASCII without spaces");
        }
        if (url == null) {
            return new Limits(null, whenUnreachable, deferAfter, tenantWeights(settings));
        }
        URI server = redisUrl(settings, url);
        return new Limits(
                server == null
                        ? null
                        : new RedisSettings(
                                server,
                                username,
                                password,
                                passwordFile,
                                caFile,
                                timeout,
                                prefix,
                                jitter,
                                burst / 100.0),
                whenUnreachable,
                deferAfter,
                tenantWeights(settings));
    }

    private static @Nullable URI redisUrl(Settings settings, String url) {
        if (url.matches("rediss?://[^\\s/?#@]+(/[0-9]{0,4})?")) {
            try {
                URI server = new URI(url).parseServerAuthority();
                if (server.getHost() != null && server.getPort() != 0 && server.getPort() <= HIGHEST_PORT) {
                    return server;
                }
            } catch (URISyntaxException e) {
                // As what does not even look like an address.
            }
        }
        settings.wrong(
                "limits.redis.url",
                url.replaceAll("//.*@", "//(redacted)@"),
                "redis:// or, with TLS, rediss:// with a host and no user, such as redis://localhost:6379 (ports: 1..65535); user and"
                        + " password have keys of their own");
        return null;
    }

    /** As keys below this one, or in one text, as an environment variable gives it: {@code acme=3,globex=2}. */
    private static TenantWeights tenantWeights(Settings settings) {
        String key = "limits.tenant_weights";
        Map<String, Integer> weights = new TreeMap<>();
        settings.below(key, Map.of()).forEach((tenant, weight) -> {
            if (isWeight(weight)) {
                weights.put(tenant, Integer.valueOf(weight));
            } else {
                settings.wrong(key + "." + tenant, weight, "a whole number from 1 to 9999");
            }
        });
        Set<String> named = new HashSet<>();
        for (String each : settings.texts(key)) {
            int sign = each.indexOf('=');
            String tenant = sign < 0 ? "" : each.substring(0, sign).strip();
            String weight = each.substring(sign + 1).strip();
            if (!Ids.isId(tenant) || !isWeight(weight)) {
                settings.wrong(key, each, "tenants with whole numbers from 1 to 9999, such as acme=3,globex=2");
            } else if (named.add(tenant)) {
                weights.put(tenant, Integer.valueOf(weight));
            } else {
                settings.wrong(key, each, "each tenant once");
            }
        }
        return new TenantWeights(weights);
    }

    private static boolean isWeight(String text) {
        return text.matches("[1-9][0-9]{0,3}");
    }

    private static @Nullable Path optionalPath(Settings settings, @Nullable Path base, String key) {
        String path = settings.optionalText(key);
        return path == null ? null : resolve(base, path);
    }

    /** A relative path counts from the directory of the configuration file. */
    private static Path resolve(@Nullable Path base, String path) {
        return base == null ? Path.of(path) : base.resolve(path);
    }
}
