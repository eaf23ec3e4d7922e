package dev.toolpost.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a registry knows: schemas by id, versions of subjects, settings. Changes are appended as lines of JSON to {@code registry.jsonl} and replayed at
 * the next start, as Confluent's does with its topic; a torn last line (the process was killed) is dropped. Not thread-safe.
 */
final class RegistryStore implements AutoCloseable {

    /** A schema of this subject may be referred to by name. */
    record Reference(String name, String subject, int version) {}

    /** A schema's text, as Avro prints it, and what it refers to. */
    record StoredSchema(int id, String text, List<Reference> references) {

        String guid() {
            return UUID.nameUUIDFromBytes((text + references).getBytes(StandardCharsets.UTF_8))
                    .toString();
        }
    }

    /** A schema's place in a subject. */
    record Version(int number, StoredSchema schema, boolean deleted) {}

    private final JsonMapper json = JsonMapper.shared();
    private final Map<Integer, StoredSchema> byId = new TreeMap<>();
    private final Map<String, StoredSchema> byContent = new HashMap<>();
    private final Map<String, TreeMap<Integer, Version>> subjects = new TreeMap<>();
    private final Map<String, Integer> lastNumbers = new HashMap<>();
    private final Map<String, String> settings = new HashMap<>();
    private final @Nullable FileChannel log;
    private int lastId;

    RegistryStore(@Nullable Path directory) {
        if (directory == null) {
            log = null;
            return;
        }
        Path file = directory.resolve("registry.jsonl");
        try {
            Files.createDirectories(directory);
            long whole = replay(file);
            log = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            log.truncate(whole).position(whole);
        } catch (IOException e) {
            throw new SandboxException(
                    "Cannot use the registry's data directory " + directory + ": " + e.getMessage()
                            + ". Give one that this user may write, or none to keep schemas in memory.",
                    e);
        }
    }

    List<String> subjects() {
        return List.copyOf(subjects.keySet());
    }

    /** The versions of a subject by number, soft-deleted ones included; empty when it is unknown. */
    NavigableMap<Integer, Version> versions(String subject) {
        return subjects.getOrDefault(subject, new TreeMap<>());
    }

    @Nullable
    StoredSchema schema(int id) {
        return byId.get(id);
    }

    List<StoredSchema> schemas() {
        return List.copyOf(byId.values());
    }

    @Nullable
    StoredSchema schema(String content) {
        return byContent.get(content);
    }

    int lastId() {
        return lastId;
    }

    /** Adds a version to a subject; the content's id is kept when it is known. */
    Version add(String subject, String content, String text, List<Reference> references, int wantedId) {
        StoredSchema known = byContent.get(content);
        int id = known != null ? known.id() : wantedId > 0 ? wantedId : lastId + 1;
        ObjectNode line = json.createObjectNode()
                .put("do", "add")
                .put("subject", subject)
                .put("version", lastNumbers.getOrDefault(subject, 0) + 1)
                .put("id", id)
                .put("content", content)
                .put("schema", text);
        for (Reference reference : references) {
            line.withArray("references")
                    .addObject()
                    .put("name", reference.name())
                    .put("subject", reference.subject())
                    .put("version", reference.version());
        }
        write(line);
        return versions(subject).lastEntry().getValue();
    }

    void delete(String subject, int version, boolean permanent) {
        write(json.createObjectNode()
                .put("do", permanent ? "purge" : "delete")
                .put("subject", subject)
                .put("version", version));
    }

    /** A setting such as {@code compatibility/<subject>}, or null. */
    @Nullable
    String setting(String name) {
        return settings.get(name);
    }

    void setting(String name, @Nullable String value) {
        write(json.createObjectNode().put("do", "set").put("name", name).put("value", value));
    }

    @Override
    public void close() {
        if (log != null) {
            try {
                log.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void write(ObjectNode line) {
        if (log != null) {
            ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
            try {
                while (bytes.hasRemaining()) {
                    log.write(bytes);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("The registry cannot write its schemas", e);
            }
        }
        apply(line);
    }

    /** The length of the whole lines. */
    private long replay(Path file) throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        byte[] all = Files.readAllBytes(file);
        int start = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i] == '\n') {
                try {
                    apply(json.readTree(all, start, i - start));
                } catch (JacksonException e) {
                    throw new IOException(file + " is damaged at byte " + start, e);
                }
                start = i + 1;
            }
        }
        return start;
    }

    private void apply(JsonNode line) {
        String subject = line.path("subject").asString("");
        int number = line.path("version").asInt(0);
        switch (line.path("do").asString("")) {
            case "add" -> {
                List<Reference> references = new ArrayList<>();
                for (JsonNode reference : line.path("references")) {
                    references.add(new Reference(
                            reference.path("name").asString(""),
                            reference.path("subject").asString(""),
                            reference.path("version").asInt()));
                }
                int id = line.path("id").asInt();
                StoredSchema schema = byId.computeIfAbsent(
                        id, _ -> new StoredSchema(id, line.path("schema").asString(""), List.copyOf(references)));
                byContent.putIfAbsent(line.path("content").asString(""), schema);
                subjects.computeIfAbsent(subject, _ -> new TreeMap<>()).put(number, new Version(number, schema, false));
                lastNumbers.put(subject, number);
                lastId = Math.max(lastId, id);
            }
            case "delete" ->
                versions(subject).computeIfPresent(number, (_, version) -> new Version(number, version.schema(), true));
            case "purge" -> {
                versions(subject).remove(number);
                if (versions(subject).isEmpty()) {
                    subjects.remove(subject);
                }
            }
            case "set" -> {
                JsonNode value = line.path("value");
                if (value.isString()) {
                    settings.put(line.path("name").asString(""), value.asString());
                } else {
                    settings.remove(line.path("name").asString(""));
                }
            }
            default -> throw new SandboxException("Unknown change in the registry's file: " + line);
        }
    }
}
