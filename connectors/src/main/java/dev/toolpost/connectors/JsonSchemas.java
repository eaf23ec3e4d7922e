package dev.toolpost.connectors;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.PathType;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressionFactory;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * Compiles JSON Schemas (2020-12). Nothing is fetched, expressions are RE2, and an evaluation ends after a bounded number of steps,
 * so a schema from anywhere can be used on data from anywhere. Thread-safe.
 */
final class JsonSchemas {
    /** Name and version of the dialect. */
    static final String DIALECT = SpecificationVersion.DRAFT_2020_12.getDialectId();

    static final int MAX_DEPTH = 200;
    static final long MAX_STEPS = 5_000_000;

    private JsonSchemas() {}

    /**
     * Compiles a schema that refers to nothing but itself.
     *
     * @throws com.networknt.schema.SchemaException where it cannot be compiled
     */
    static Schema compile(JsonNode schema) {
        return registry().getSchema(schema);
    }

    /** The schema that JSON Schemas themselves must fit. */
    static Schema metaschema() {
        return Metaschema.SCHEMA;
    }

    private static final class Metaschema {
        static final Schema SCHEMA = registry().getSchema(SchemaLocation.of(DIALECT));
    }

    private static SchemaRegistry registry() {
        SchemaRegistryConfig config = SchemaRegistryConfig.builder()
                .pathType(PathType.JSON_POINTER)
                .locale(Locale.ENGLISH)
                .regularExpressionFactory(new LinearExpressions())
                .build();
        return SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12,
                builder -> builder.schemaRegistryConfig(config)
                        .schemaCacheEnabled(false)
                        .schemaLoader(loader -> loader.fetchRemoteResources(false)));
    }

    /** A text is too long to be held against an expression: neither that it fits nor that it does not can be said. */
    static final class TooLongException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooLongException() {
            super("a text is too long for an expression", null, false, false);
        }
    }

    private static final class LinearExpressions implements RegularExpressionFactory {
        @Override
        public RegularExpression getRegularExpression(String regex) {
            TextPattern pattern = TextPattern.compile(regex);
            return text -> {
                if (text.length() > pattern.longest()) {
                    throw new TooLongException();
                }
                return pattern.foundIn(text);
            };
        }
    }
}
