package dev.toolpost.cli;

import dev.toolpost.connectors.Auth;
import dev.toolpost.worker.credentials.Secret;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a connection's secret: from files, from environment variables, typed without echo, or from standard input. Never
 * from the command line, which other users of the machine can see and the shell remembers.
 */
final class SecretInput {
    /** Fields of several lines. */
    private static final Set<String> PEM = Set.of(Auth.CERTIFICATE, Auth.PRIVATE_KEY);

    @Option(
            names = "--secret-file",
            paramLabel = "[FIELD=]FILE",
            description =
                    "File with the secret; repeat where the vendor wants several fields, or give a file with all of"
                            + " them as a JSON object.")
    private List<String> files = new ArrayList<>();

    @Option(
            names = "--secret-env",
            paramLabel = "[FIELD=]VARIABLE",
            description = "Environment variable with the secret.")
    private List<String> variables = new ArrayList<>();

    /**
     * Reads every field that the kind of authentication needs. What is neither in a file nor in a variable is asked for on
     * the terminal, or read from standard input where that is none: one line a field, or a JSON object of all.
     */
    Secret read(Auth auth) {
        List<String> required = auth.secretFields();
        List<String> fields = new ArrayList<>(required);
        if (auth instanceof Auth.Fetched) {
            fields.addAll(List.of(Auth.Fetched.ACCESS_TOKEN, Auth.Fetched.EXPIRES_AT));
        }
        return read(auth, required, fields);
    }

    /** Reads what one call needs: where workers fetch a token, an access token, or what one is fetched with where options give that. */
    Secret readForRequest(Auth auth) {
        if (auth instanceof Auth.Fetched && fieldsGiven().stream().anyMatch(auth.secretFields()::contains)) {
            return read(auth);
        }
        List<String> required = auth instanceof Auth.Fetched ? List.of(Auth.Fetched.ACCESS_TOKEN) : auth.secretFields();
        return read(auth, required, required);
    }

    /** Reads what an app authenticates with; what is known already is asked for no more, and is replaced by what options give. */
    Secret readClient(Auth.OAuth2 auth, Map<String, String> known) {
        List<String> fields = new ArrayList<>(auth.secretFields());
        fields.remove(Auth.OAuth2.REFRESH_TOKEN);
        return read(auth, fields, fields, known);
    }

    /** Reads the fields that options give, and leaves the others as they are. */
    Secret readGiven(Auth auth, Map<String, String> known) {
        return read(auth, List.of(), auth.secretFields(), known);
    }

    private Secret read(Auth auth, List<String> required, List<String> fields) {
        return read(auth, required, fields, Map.of());
    }

    private Secret read(Auth auth, List<String> required, List<String> fields, Map<String, String> known) {
        Map<String, String> values = new LinkedHashMap<>(known);
        for (String file : files) {
            Map<String, String> all = fields.size() > 1 ? object(file) : Map.of();
            if (all.isEmpty()) {
                Given given = Given.of("--secret-file", file, fields);
                values.put(given.field(), content(given.option(), given.source()));
            } else {
                putAll(all, fields, "--secret-file " + file, values);
            }
        }
        for (String variable : variables) {
            Given given = Given.of("--secret-env", variable, fields);
            String value = System.getenv(given.source());
            if (value == null || value.isBlank()) {
                throw CliException.usage(
                        "--secret-env " + variable + ": the environment variable " + given.source()
                                + " is not set or empty",
                        "Export it first, or leave the option out and type the secret.");
            }
            values.put(given.field(), value.strip());
        }
        List<String> missing =
                required.stream().filter(field -> !values.containsKey(field)).toList();
        if (!missing.isEmpty()) {
            ask(auth, missing, values);
        }
        values.computeIfPresent(Auth.Fetched.EXPIRES_AT, (field, text) -> epochMillis(text));
        return Secret.of(values);
    }

    /** Whether options name anything. */
    boolean isGiven() {
        return !files.isEmpty() || !variables.isEmpty();
    }

    /** Names of the fields that options name. */
    Set<String> fieldsGiven() {
        Set<String> given = new LinkedHashSet<>();
        for (String file : files) {
            int equals = file.indexOf('=');
            if (equals > 0) {
                given.add(file.substring(0, equals));
            } else {
                given.addAll(object(file).keySet());
            }
        }
        for (String variable : variables) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                given.add(variable.substring(0, equals));
            }
        }
        return given;
    }

    /** All fields where the file holds them as a JSON object, else nothing. */
    private static Map<String, String> object(String file) {
        return Files.isRegularFile(Path.of(file)) ? fields(content("--secret-file", file)) : Map.of();
    }

    private static Map<String, String> fields(String text) {
        if (!text.startsWith("{")) {
            return Map.of();
        }
        try {
            Map<String, String> fields = new LinkedHashMap<>();
            JsonMapper.shared()
                    .readTree(text)
                    .properties()
                    .forEach(member ->
                            fields.put(member.getKey(), member.getValue().asString("")));
            return fields;
        } catch (JacksonException notJson) {
            return Map.of();
        }
    }

    private static void putAll(
            Map<String, String> all, List<String> fields, String source, Map<String, String> values) {
        all.forEach((field, value) -> {
            if (!fields.contains(field)) {
                throw CliException.usage(source + ": the field " + field + " (expected: some of " + fields + ")", "");
            }
            values.put(field, required(field, value));
        });
    }

    /** A moment as the store keeps it; people have it as text or in milliseconds. */
    private static String epochMillis(String text) {
        try {
            long millis = text.chars().allMatch(Character::isDigit)
                    ? Long.parseLong(text)
                    : Instant.parse(text).toEpochMilli();
            return Long.toString(millis);
        } catch (NumberFormatException | DateTimeParseException wrong) {
            throw CliException.usage(
                    Auth.Fetched.EXPIRES_AT
                            + ": no moment (expected: milliseconds since 1970, or ISO 8601 such as 2026-01-31T12:00:00Z)",
                    "",
                    wrong);
        }
    }

    /** A field and where its value is; the field may be left out where there is but one. */
    private record Given(String option, String field, String source) {
        static Given of(String option, String text, List<String> fields) {
            int equals = text.indexOf('=');
            String field = equals < 0 ? null : text.substring(0, equals);
            if (field != null && fields.contains(field)) {
                return new Given(option, field, text.substring(equals + 1));
            }
            if (fields.size() == 1) {
                return new Given(option, fields.getFirst(), text);
            }
            throw CliException.usage(
                    option + " " + text + " (expected: FIELD=…, with a field of " + fields + ")",
                    fields.isEmpty() ? "This kind of authentication has no secret: leave the option out." : "");
        }
    }

    private static String content(String option, String file) {
        try {
            String content = Files.readString(Path.of(file)).strip();
            if (content.isEmpty()) {
                throw CliException.usage(option + " " + file + ": the file is empty", "");
            }
            return content;
        } catch (IOException e) {
            throw CliException.usage(option + " " + file + ": cannot be read: " + e, "", e);
        }
    }

    @SuppressWarnings("SystemConsoleNull") // JDK 25 went back to null where there is no terminal
    private static void ask(Auth auth, List<String> missing, Map<String, String> values) {
        Console console = System.console();
        if (console != null && console.isTerminal()) {
            if (!auth.hint().isEmpty()) {
                console.printf("%s%n", Text.wrap(auth.hint(), 100, ""));
            }
            for (String field : missing) {
                if (PEM.contains(field)) {
                    throw CliException.usage(
                            "the secret's " + field + " has several lines and cannot be typed",
                            "Give its file: --secret-file " + field + "=FILE");
                }
                char[] typed = console.readPassword("%s: ", field);
                values.put(field, required(field, typed == null ? null : new String(typed)));
            }
            return;
        }
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            String first = lines.readLine();
            boolean fetched = auth instanceof Auth.Fetched;
            if ((missing.size() > 1 || fetched)
                    && first != null
                    && first.strip().startsWith("{")) {
                String rest = lines.lines().collect(Collectors.joining("\n"));
                List<String> fields = new ArrayList<>(missing);
                if (fetched) {
                    fields.addAll(auth.secretFields());
                    fields.addAll(List.of(Auth.Fetched.ACCESS_TOKEN, Auth.Fetched.EXPIRES_AT));
                }
                putAll(fields(first.strip() + "\n" + rest), fields, "standard input", values);
                if (!fetched || !values.keySet().containsAll(auth.secretFields())) {
                    missing.forEach(field -> required(field, values.get(field)));
                }
                return;
            }
            values.put(missing.getFirst(), required(missing.getFirst(), first));
            for (String field : missing.subList(1, missing.size())) {
                values.put(field, required(field, lines.readLine()));
            }
        } catch (IOException e) {
            throw CliException.usage("standard input cannot be read: " + e, "", e);
        }
    }

    private static String required(String field, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw CliException.usage(
                    "the secret's " + field + " is missing",
                    "Type it, pipe it in (one line a field, or a JSON object), or use --secret-file or --secret-env.");
        }
        return value.strip();
    }
}
