package dev.toolpost.worker.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;

/** Reads a YAML file into settings: nested keys are joined by dots, and each knows its line and column. */
final class YamlSettings {
    private final String file;
    private final Map<String, Setting> settings = new LinkedHashMap<>();
    private final List<String> problems;

    private YamlSettings(String file, List<String> problems) {
        this.file = file;
        this.problems = problems;
    }

    static Map<String, Setting> read(Path file, List<String> problems) {
        YamlSettings reader = new YamlSettings(file.toString(), problems);
        try (JsonParser parser = new YAMLFactory().createParser(ObjectReadContext.empty(), Files.readString(file))) {
            JsonToken first = parser.nextToken();
            if (first == JsonToken.START_OBJECT) {
                reader.fields(parser, "");
            } else if (first != null && first != JsonToken.VALUE_NULL) {
                problems.add(reader.place(parser) + ": a configuration is a list of `key: value` lines");
            }
        } catch (JacksonException e) {
            TokenStreamLocation at = e.getLocation();
            String place = at == null ? reader.file : reader.place(at);
            String first = e.getOriginalMessage().lines().findFirst().orElse("");
            problems.add(place + ": not YAML: " + first);
        } catch (NoSuchFileException e) {
            problems.add(file + ": there is no such configuration file");
        } catch (IOException | UncheckedIOException e) {
            problems.add(file + ": cannot be read: " + e);
        }
        return reader.settings;
    }

    private void fields(JsonParser parser, String prefix) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = prefix + parser.currentName();
            String keyOrigin = place(parser);
            JsonToken token = parser.nextToken();
            String valueOrigin = place(parser);
            switch (token) {
                case START_OBJECT -> fields(parser, key + ".");
                case START_ARRAY ->
                    put(new Setting(key, keyOrigin, valueOrigin, new Setting.Items(items(parser, key))));
                default -> {
                    String text = text(parser);
                    put(new Setting(key, keyOrigin, valueOrigin, text == null ? null : new Setting.Text(text)));
                }
            }
        }
    }

    private List<Setting.Item> items(JsonParser parser, String key) {
        List<Setting.Item> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            String origin = place(parser);
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                items.add(new Setting.Item(origin, null, itemFields(parser, key)));
            } else if (parser.currentToken() == JsonToken.START_ARRAY) {
                problems.add(origin + ": " + key + ": a list within a list has no meaning here");
                parser.skipChildren();
            } else {
                items.add(new Setting.Item(origin, text(parser), Map.of()));
            }
        }
        return items;
    }

    private Map<String, String> itemFields(JsonParser parser, String key) {
        Map<String, String> fields = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            String text = token.isScalarValue() ? text(parser) : null;
            if (text == null) {
                problems.add(place(parser) + ": " + key + ": " + name + " needs a plain value");
                parser.skipChildren();
            } else {
                fields.put(name, text);
            }
        }
        return fields;
    }

    private void put(Setting setting) {
        Setting before = settings.putIfAbsent(setting.key(), setting);
        if (before != null) {
            problems.add(setting.keyOrigin() + ": " + setting.key() + ": given twice (first at " + before.keyOrigin()
                    + "); keep one of them");
        }
    }

    private static @Nullable String text(JsonParser parser) {
        return parser.currentToken() == JsonToken.VALUE_NULL ? null : parser.getString();
    }

    private String place(JsonParser parser) {
        return place(parser.currentTokenLocation());
    }

    private String place(TokenStreamLocation at) {
        return file + ":" + at.getLineNr() + ":" + at.getColumnNr();
    }
}
