package dev.toolpost.schemas;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.avro.specific.SpecificRecordBase;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the files that tests hold against the code. Run with the module as working directory: without arguments it
 * renews the published Avro and JSON Schemas; with a number it freezes the Avro schemas as that release, which never changes again.
 */
final class PublishedSchemas {
    static final Path JSON_SCHEMAS = Path.of("src/main/resources/json-schema");
    static final Path AVRO_SCHEMAS = Path.of("src/main/resources/avro-schema");
    static final Path RELEASED = Path.of("src/test/resources/released");

    private PublishedSchemas() {}

    static Path jsonSchema(Class<? extends SpecificRecordBase> message) {
        return JSON_SCHEMAS.resolve(message.getSimpleName() + ".json");
    }

    static Path avroSchema(Class<? extends SpecificRecordBase> message) {
        return AVRO_SCHEMAS.resolve(message.getSimpleName() + ".avsc");
    }

    static String avroText(Class<? extends SpecificRecordBase> message) {
        return pretty(Messages.avroSchema(message).toString());
    }

    private static String pretty(String json) {
        JsonMapper mapper =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        return mapper.writeValueAsString(mapper.readTree(json)) + "\n";
    }

    public static void main(String[] args) throws IOException {
        Files.createDirectories(JSON_SCHEMAS);
        Files.createDirectories(AVRO_SCHEMAS);
        for (Class<? extends SpecificRecordBase> message : Messages.all()) {
            Files.writeString(jsonSchema(message), Messages.jsonSchema(message));
            Files.writeString(avroSchema(message), avroText(message));
            if (args.length > 0) {
                Path release = RELEASED.resolve(args[0]);
                Files.createDirectories(release);
                Files.writeString(release.resolve(message.getSimpleName() + ".avsc"), avroText(message));
            }
        }
    }
}
