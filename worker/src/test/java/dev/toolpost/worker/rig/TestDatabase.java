package dev.toolpost.worker.rig;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real PostgreSQL server, the JVM's one, from binaries of Maven Central. It refuses to run as root: its launcher puts it into a user
 * namespace then, and where a container allows none it runs here as another user of the machine. Thread-safe.
 *
 * <p>Logs in without a password, but for the role {@value #ROLE}.
 */
public final class TestDatabase {

    /** A role that is no superuser and needs {@value #PASSWORD}. */
    public static final String ROLE = "toolpost";

    public static final String PASSWORD = "canary-password-4711";

    private static final Duration START_BOUND = Duration.ofSeconds(90);

    private final int port;

    private TestDatabase(int port) {
        this.port = port;
    }

    /** The server, started when it is first wanted and stopped with the JVM. */
    public static TestDatabase shared() {
        return Shared.DATABASE;
    }

    private static final class Shared {
        static final TestDatabase DATABASE = start();
    }

    private static TestDatabase start() {
        try {
            Path work = Files.createTempDirectory("toolpost-database");
            Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
            TestDatabase database = new TestDatabase(
                    Boolean.getBoolean("toolpost.test.database.other-user") ? runAsOther(work) : run(work));
            database.prepare();
            return database;
        } catch (IOException | SQLException e) {
            throw new IllegalStateException("the database of the tests does not start", e);
        }
    }

    private static int run(Path work) throws IOException {
        try {
            EmbeddedPostgres server = EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(work.toFile())
                    .setPGStartupWait(START_BOUND)
                    .setServerConfig("max_connections", "40")
                    .setOutputRedirector(ProcessBuilder.Redirect.appendTo(
                            work.resolve("server.log").toFile()))
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    server.close();
                } catch (IOException gone) {
                    // The JVM ends.
                }
            }));
            return server.getPort();
        } catch (IOException | RuntimeException refused) {
            if (!System.getProperty("user.name").equals("root")) {
                throw refused;
            }
            return runAsOther(work);
        }
    }

    /** As root, where no user namespace is to be had. */
    private static int runAsOther(Path work) throws IOException {
        Path bin = binaries(work);
        Path data = Files.createDirectory(work.resolve("data"));
        String user = output("id", "-u", "nobody");
        String group = output("id", "-g", "nobody");
        output("chown", user + ":" + group, data.toString());
        List<String> other = List.of("setpriv", "--reuid=" + user, "--regid=" + group, "--clear-groups");
        output(with(other, bin.resolve("initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8"));
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Process server = new ProcessBuilder(with(
                        other,
                        bin.resolve("postgres"),
                        "-D",
                        data,
                        "-p",
                        port,
                        "-F",
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "max_connections=40"))
                .directory(data.toFile())
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("server.log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::destroy));
        TestDatabase database = new TestDatabase(port);
        await("the database takes connections", START_BOUND, () -> {
            try (Connection connection = database.superuser()) {
                return connection.isValid(1);
            } catch (SQLException notYet) {
                return false;
            }
        });
        return port;
    }

    /** Where the launcher has unpacked them; it does so before it fails. */
    private static Path binaries(Path work) throws IOException {
        try (Stream<Path> found = Files.walk(work, 3)) {
            List<Path> initdb =
                    found.filter(file -> file.endsWith("bin/initdb")).toList();
            if (!initdb.isEmpty()) {
                return initdb.getFirst().getParent();
            }
        }
        try {
            EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(work.toFile())
                    .setPGStartupWait(START_BOUND)
                    .start()
                    .close();
        } catch (IOException | RuntimeException expected) {
            // It unpacks, and then is refused.
        }
        return binaries(work);
    }

    private static List<String> with(List<String> command, Object... more) {
        List<String> all = new ArrayList<>(command);
        Arrays.stream(more).map(String::valueOf).forEach(all::add);
        return all;
    }

    private static String output(String... command) throws IOException {
        return output(List.of(command));
    }

    private static String output(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(new File("/"))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(START_BOUND.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(command + " failed: " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return output.strip();
    }

    private void prepare() throws SQLException, IOException {
        execute("CREATE ROLE " + ROLE + " LOGIN PASSWORD '" + PASSWORD + "'");
        Path access = Path.of(value("SHOW hba_file"));
        Files.writeString(
                access, "host all " + ROLE + " 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n");
        execute("SELECT pg_reload_conf()");
    }

    public int port() {
        return port;
    }

    public Connection superuser() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres");
    }

    /** Makes a schema of this name anew, with what is created in it. */
    public void schema(String name, String... statements) {
        execute("DROP SCHEMA IF EXISTS " + name + " CASCADE; CREATE SCHEMA " + name + "; GRANT ALL ON SCHEMA " + name
                + " TO " + ROLE);
        execute("SET search_path = " + name + "; " + String.join("; ", statements)
                + "; GRANT ALL ON ALL TABLES IN SCHEMA " + name + " TO " + ROLE
                + "; GRANT ALL ON ALL SEQUENCES IN SCHEMA " + name + " TO " + ROLE);
    }

    public void execute(String sql) {
        try (Connection connection = superuser();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** The first column of the first row. */
    public String value(String sql) {
        try (Connection connection = superuser();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Kills the server process of the role's running statement that holds this text: the whole server starts anew. */
    public void killBackendOf(String text) {
        long pid = Long.parseLong(backendOf(text));
        ProcessHandle.of(pid)
                .orElseThrow(() -> new IllegalStateException("no process " + pid))
                .destroyForcibly();
    }

    /** Ends the session of the role's running statement that holds this text, as an administrator would. */
    public void terminateBackendOf(String text) {
        value("SELECT pg_terminate_backend(" + backendOf(text) + ")");
    }

    private String backendOf(String text) {
        String[] pid = new String[1];
        await("a statement runs: " + text, Duration.ofSeconds(20), () -> {
            pid[0] = value("SELECT max(pid)::text FROM pg_stat_activity WHERE usename = '" + ROLE
                    + "' AND state = 'active' AND position('" + text + "' IN query) > 0");
            return pid[0] != null;
        });
        return pid[0];
    }

    /** Waits for a condition; a failure of it is the test's. */
    public static void await(String what, Duration within, Callable<Boolean> condition) {
        try {
            Await.until(what, within, condition);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(what, e);
        }
    }

    /** The server process of the role's running statement that holds this text; waits until there is one. */
    public String runs(String text) {
        return backendOf(text);
    }

    /** Waits until the server takes connections again. */
    public void awaitUp() {
        await("the database is up", START_BOUND, () -> {
            try (Connection connection = superuser()) {
                return connection.isValid(1);
            } catch (SQLException notYet) {
                return false;
            }
        });
    }

    static {
        try {
            Class.forName("org.postgresql.Driver");
        } catch (ClassNotFoundException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
