package dev.toolpost.worker.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns what was given into values. A key is known once it was asked for, with its default; so the records that ask are
 * the only list of keys there is. Problems gather, so that all of them show at once. Used by one thread.
 */
final class Settings {
    /** The default of a key without one, as the reference table writes it. */
    static final String NONE = "(none)";

    private final Map<String, Setting> given;
    private final Map<String, String> defaults;
    private final List<String> problems;
    private final Map<String, String> declared = new LinkedHashMap<>();

    /**
     * @param given what was given, by key
     * @param defaults defaults that go before those in the code, by key
     * @param problems where problems are added
     */
    Settings(Map<String, Setting> given, Map<String, String> defaults, List<String> problems) {
        this.given = given;
        this.defaults = defaults;
        this.problems = problems;
    }

    /** All keys asked for so far with their defaults, in order. */
    Map<String, String> declared() {
        return declared;
    }

    @Nullable
    String optionalText(String key) {
        String text = text(key, NONE);
        return text.equals(NONE) ? null : text;
    }

    String text(String key, String fallback) {
        Setting setting = declare(key, fallback);
        return switch (setting.value()) {
            case Setting.Text(String text) -> text;
            case Setting.Items _ -> refuse(setting, "a list", "one value", fallback);
            case null -> defaults.getOrDefault(key, fallback);
        };
    }

    /** A duration within bounds, or null where there is none. */
    @Nullable
    Duration optionalDuration(String key, String least, String most) {
        String text = optionalText(key);
        if (text == null) {
            return null;
        }
        Duration duration = Durations.parse(text);
        if (duration == null
                || duration.compareTo(known(Durations.parse(least))) < 0
                || duration.compareTo(known(Durations.parse(most))) > 0) {
            wrong(key, text, duration == null ? Durations.EXPECTED : "a duration from " + least + " to " + most);
            return null;
        }
        return duration;
    }

    Duration duration(String key, String fallback, String least, String most) {
        Duration minimum = known(Durations.parse(least));
        Duration maximum = known(Durations.parse(most));
        String text = text(key, fallback);
        Duration duration = Durations.parse(text);
        if (duration == null) {
            wrong(key, text, Durations.EXPECTED);
        } else if (duration.compareTo(minimum) < 0 || duration.compareTo(maximum) > 0) {
            wrong(key, text, "a duration from " + least + " to " + most);
        } else {
            return duration;
        }
        return known(Durations.parse(fallback));
    }

    DataSize size(String key, String fallback, String least, String most) {
        DataSize minimum = known(DataSize.parse(least));
        DataSize maximum = known(DataSize.parse(most));
        String text = text(key, fallback);
        DataSize size = DataSize.parse(text);
        if (size == null) {
            wrong(key, text, DataSize.EXPECTED);
        } else if (size.compareTo(minimum) < 0 || size.compareTo(maximum) > 0) {
            wrong(key, text, "a size from " + least + " to " + most);
        } else {
            return size;
        }
        return known(DataSize.parse(fallback));
    }

    int number(String key, int fallback, int least, int most) {
        String text = text(key, Integer.toString(fallback));
        Integer number = integer(text);
        if (number == null || number < least || number > most) {
            wrong(key, text, "a whole number from " + least + " to " + most);
            return fallback;
        }
        return number;
    }

    @Nullable
    Integer optionalNumber(String key, int least, int most) {
        String text = optionalText(key);
        if (text == null) {
            return null;
        }
        Integer number = integer(text);
        if (number == null || number < least || number > most) {
            wrong(key, text, "a whole number from " + least + " to " + most);
            return null;
        }
        return number;
    }

    <E extends Enum<E>> E choice(String key, E fallback) {
        E chosen = choice(key, text(key, name(fallback)), fallback.getDeclaringClass());
        return chosen == null ? fallback : chosen;
    }

    <E extends Enum<E>> @Nullable E optionalChoice(String key, Class<E> choices) {
        String text = optionalText(key);
        return text == null ? null : choice(key, text, choices);
    }

    Pattern pattern(String key, String fallback) {
        String text = text(key, fallback);
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            wrong(key, text, "a regular expression; " + e.getDescription() + " at position " + e.getIndex());
            return Pattern.compile(fallback);
        }
    }

    /** A list of texts; one text stands for a list separated by commas, as an environment variable gives it. */
    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (Setting.Item item : items(key)) {
            if (item.text() == null) {
                problems.add(item.origin() + ": " + key + ": an item is plain text (given: a nested value)");
            } else {
                texts.add(item.text());
            }
        }
        return List.copyOf(texts);
    }

    List<Setting.Item> items(String key) {
        Setting setting = declare(key, NONE);
        return switch (setting.value()) {
            case Setting.Items(List<Setting.Item> items) -> items;
            case Setting.Text(String text) -> split(setting.valueOrigin(), text);
            case null -> split("default", defaults.getOrDefault(key, ""));
        };
    }

    /** Everything below a prefix, without the prefix; any key is known there. */
    Map<String, String> below(String prefix, Map<String, String> fallback) {
        Map<String, String> texts = new TreeMap<>(fallback);
        fallback.forEach((key, text) -> declared.put(prefix + "." + key, text));
        given.forEach((key, setting) -> {
            if (key.startsWith(prefix + ".")) {
                declared.putIfAbsent(key, NONE);
                switch (setting.value()) {
                    case Setting.Text(String text) -> texts.put(key.substring(prefix.length() + 1), text);
                    case Setting.Items(List<Setting.Item> items) ->
                        texts.put(
                                key.substring(prefix.length() + 1),
                                items.stream().map(Setting.Item::text).collect(Collectors.joining(",")));
                    case null -> texts.remove(key.substring(prefix.length() + 1));
                }
            }
        });
        return texts;
    }

    /** Adds a problem with the value of a key. */
    void wrong(String key, String value, String expected) {
        problems.add(origin(key) + ": " + key + ": " + value + " (expected: " + expected + ")");
    }

    /** Adds a problem for every given key that nobody asked for. */
    void refuseUnknown() {
        for (Setting setting : given.values()) {
            String key = setting.key();
            if (declared.containsKey(key)) {
                continue;
            }
            List<String> inside = declared.keySet().stream()
                    .filter(candidate -> candidate.startsWith(key + "."))
                    .toList();
            if (!inside.isEmpty()) {
                if (setting.value() != null) {
                    problems.add(setting.valueOrigin() + ": " + key + " is a section, not a value (expected: keys below"
                            + " it such as " + inside.getFirst() + ")");
                }
                continue;
            }
            String nearest = NearestKey.of(key, declared.keySet());
            problems.add(setting.keyOrigin() + ": " + key + ": unknown key ("
                    + (nearest == null ? "" : "nearest known key: " + nearest + "; ")
                    + "all keys: docs/configuration.md)");
        }
    }

    private Setting declare(String key, String fallback) {
        declared.put(key, defaults.getOrDefault(key, fallback));
        Setting setting = given.get(key);
        return setting == null ? new Setting(key, "default", "default", null) : setting;
    }

    private String refuse(Setting setting, String value, String expected, String fallback) {
        wrong(setting.key(), value, expected);
        return fallback;
    }

    private String origin(String key) {
        Setting setting = given.get(key);
        return setting == null ? "default" : setting.valueOrigin();
    }

    private <E extends Enum<E>> @Nullable E choice(String key, String text, Class<E> choices) {
        for (E choice : choices.getEnumConstants()) {
            if (name(choice).equals(text)) {
                return choice;
            }
        }
        wrong(
                key,
                text,
                Arrays.stream(choices.getEnumConstants()).map(Settings::name).collect(Collectors.joining(" or ")));
        return null;
    }

    private static String name(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }

    private static List<Setting.Item> split(String origin, String text) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(",", -1))
                        .map(item -> new Setting.Item(origin, item.strip(), Map.of()))
                        .toList();
    }

    private static @Nullable Integer integer(String text) {
        try {
            return Integer.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static <T> T known(@Nullable T parsed) {
        if (parsed == null) {
            throw new IllegalArgumentException("a default or bound in the code cannot be read");
        }
        return parsed;
    }
}
