package dev.toolpost.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the sandbox's processes take on their command line, how they announce themselves and when they end. */
final class SandboxOptions {

    private static final String LOGGING = "logback.configurationFile";
    private static final List<String> KNOWN = List.of(
            "--host",
            "--kafka-port",
            "--registry-port",
            "--vendors",
            "--vendor-port",
            "--data-directory",
            "--limit",
            "--search-limit",
            "--latency-ms",
            "--contacts",
            "--deals",
            "--records",
            "--seed",
            "--tokens",
            "--stay");

    private final Map<String, String> values;
    private final PrintStream out;

    private SandboxOptions(Map<String, String> values, PrintStream out) {
        this.values = values;
        this.out = out;
    }

    /** Reads {@code --name=value} options; from here on nothing but the announcement goes to standard output. */
    static SandboxOptions parse(String[] args) {
        PrintStream out = System.out;
        System.setOut(System.err);
        if (System.getProperty(LOGGING) == null) {
            System.setProperty(LOGGING, "dev/toolpost/sandbox/logback-sandbox.xml");
        }
        Map<String, String> values = new HashMap<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            String name = equals < 0 ? arg : arg.substring(0, equals);
            if (!KNOWN.contains(name)) {
                System.err.println("Unknown option " + name + " (expected: of " + KNOWN + ", as --name=value)");
                System.exit(2);
            }
            values.put(name, equals < 0 ? "" : arg.substring(equals + 1));
        }
        return new SandboxOptions(values, out);
    }

    EmbeddedKafka.Builder kafka() {
        EmbeddedKafka.Builder builder = EmbeddedKafka.builder().host(host()).port((int) number("--kafka-port", 0));
        Path directory = dataDirectory();
        return directory == null ? builder : builder.dataDirectory(directory.resolve("kafka"));
    }

    EmbeddedRegistry.Builder registry() {
        EmbeddedRegistry.Builder builder =
                EmbeddedRegistry.builder().host(host()).port((int) number("--registry-port", 0));
        Path directory = dataDirectory();
        return directory == null ? builder : builder.dataDirectory(directory.resolve("registry"));
    }

    List<SimulatedVendor.Builder> vendors() {
        Map<String, Long> records = records();
        List<SimulatedVendor.Builder> vendors = new ArrayList<>();
        for (String name : list("--vendors", "hubspot")) {
            int port = (int) number("--vendor-port", 0);
            vendors.add(vendor(name, port == 0 ? 0 : port + vendors.size(), records));
        }
        if (!records.isEmpty()) {
            throw new SandboxException("--records: " + records.keySet() + " (expected: collections of the vendors)");
        }
        return vendors;
    }

    private SimulatedVendor.Builder vendor(String name, int port, Map<String, Long> records) {
        SimulatedVendor.Builder builder = SimulatedVendor.builder()
                .profile(name)
                .host(host())
                .port(port)
                .seed(number("--seed", 1))
                .latency(Duration.ofMillis(number("--latency-ms", 0)));
        String limit = values.get("--limit");
        if ("none".equals(limit)) {
            builder.unlimited();
        } else if (limit != null) {
            builder.limit(permits("--limit", limit), window("--limit", limit));
        }
        String searchLimit = values.get("--search-limit");
        if (searchLimit != null && name.equals("hubspot")) {
            builder.searchLimit(permits("--search-limit", searchLimit), window("--search-limit", searchLimit));
        }
        for (VendorProfile.CollectionProfile collection :
                VendorProfile.load(name).collections()) {
            Long count = records.remove(collection.name());
            if (count != null) {
                builder.records(collection.name(), count);
            }
        }
        list("--tokens", "").forEach(builder::token);
        return builder;
    }

    private Map<String, Long> records() {
        Map<String, Long> records = new LinkedHashMap<>();
        for (String collection : List.of("contacts", "deals")) {
            if (values.containsKey("--" + collection)) {
                records.put(collection, number("--" + collection, 0));
            }
        }
        for (String entry : list("--records", "")) {
            if (!entry.matches("\\w+:\\d{1,12}")) {
                throw new SandboxException(
                        "--records: " + entry + " (expected: collection:count, such as Contact:5000)");
            }
            int colon = entry.indexOf(':');
            records.put(entry.substring(0, colon), Long.parseLong(entry.substring(colon + 1)));
        }
        return records;
    }

    private List<String> list(String name, String otherwise) {
        return Arrays.stream(values.getOrDefault(name, otherwise).split(",", -1))
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .toList();
    }

    /** Prints one line of JSON. */
    void announce(Map<String, String> addresses) {
        ByteText line = new ByteText(200).raw((byte) '{');
        new LinkedHashMap<>(addresses).forEach((name, address) -> {
            if (line.length() > 1) {
                line.raw((byte) ',');
            }
            line.string(name).raw((byte) ':').string(address);
        });
        out.println(line.raw((byte) '}'));
        out.flush();
    }

    /** Stops what runs here in good order when a signal ends the process. */
    static void onSignal(Runnable stop) {
        Runtime.getRuntime().addShutdownHook(new Thread(stop, "sandbox-stop"));
    }

    /** Says why nothing could be started and ends the process. */
    static void fail(SandboxException problem) {
        System.err.println(problem.getMessage());
        System.exit(1);
    }

    /** Returns when standard input ends, or never with {@code --stay} (a signal ends the process then). */
    void awaitEnd() {
        try {
            if (values.containsKey("--stay")) {
                Thread.currentThread().join();
            }
            InputStream in = System.in;
            while (in.read() >= 0) {
                // Whatever is written to us only shows that somebody is there.
            }
        } catch (IOException e) {
            System.err.println("Standard input: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String host() {
        return values.getOrDefault("--host", Listening.LOOPBACK);
    }

    private @Nullable Path dataDirectory() {
        String directory = values.get("--data-directory");
        return directory == null ? null : Path.of(directory);
    }

    private long number(String name, long otherwise) {
        String value = values.get(name);
        try {
            return value == null ? otherwise : Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new SandboxException(name + ": " + value + " (expected: a whole number)", e);
        }
    }

    private static int permits(String name, String limit) {
        return Integer.parseInt(split(name, limit)[0]);
    }

    private static Duration window(String name, String limit) {
        return Duration.ofMillis(Long.parseLong(split(name, limit)[1]));
    }

    private static String[] split(String name, String limit) {
        if (!limit.matches("\\d{1,9}/\\d{1,12}")) {
            throw new SandboxException(name + ": " + limit + " (expected: permits/milliseconds, such as 110/10000)");
        }
        return limit.split("/", -1);
    }
}
