package dev.toolpost.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class EmbeddedRegistryTest {

    private static final String FIRST = record("{\"name\":\"tool\",\"type\":\"string\"}");
    private static final String WITH_DEFAULT = record("{\"name\":\"tool\",\"type\":\"string\"},"
            + "{\"name\":\"more\",\"type\":[\"null\",\"int\"],\"default\":null}");
    private static final String WITHOUT_DEFAULT =
            record("{\"name\":\"tool\",\"type\":\"string\"},{\"name\":\"more\",\"type\":\"int\"}");

    private final EmbeddedRegistry registry = EmbeddedRegistry.start();

    @AfterEach
    void stop() {
        registry.close();
    }

    private static String record(String fields) {
        return "{\"type\":\"record\",\"name\":\"Call\",\"namespace\":\"t\",\"fields\":[" + fields + "]}";
    }

    private static String body(String schema) {
        ObjectNode node = VendorJson.MAPPER.createObjectNode();
        return node.put("schema", schema).toString();
    }

    private Http.Answer get(String path) throws Exception {
        return Http.send(registry.uri(), "GET", path, null);
    }

    private Http.Answer register(String subject, String schema) throws Exception {
        return register(registry.uri(), subject, schema);
    }

    private static Http.Answer register(URI uri, String subject, String schema) throws Exception {
        return Http.send(uri, "POST", "/subjects/" + subject + "/versions?normalize=False", body(schema));
    }

    @Test
    void registersOnceAndFindsById() throws Exception {
        assertThat(register("calls-value", FIRST).json().path("id").asInt()).isEqualTo(1);
        assertThat(register("calls-value", FIRST).json().path("id").asInt()).isEqualTo(1);
        assertThat(register("other-value", FIRST).json().path("id").asInt()).isEqualTo(1);
        JsonNode known =
                get("/schemas/ids/1?fetchMaxId=false&subject=calls-value").json();
        assertThat(VendorJson.MAPPER.readTree(known.path("schema").asString()))
                .isEqualTo(VendorJson.MAPPER.readTree(FIRST));
        assertThat(get("/schemas/guids/" + known.path("guid").asString()).status())
                .isEqualTo(200);
        assertThat(get("/schemas/ids/1/versions").body())
                .isEqualTo("[{\"subject\":\"calls-value\",\"version\":1},{\"subject\":\"other-value\",\"version\":1}]");
        assertThat(get("/subjects").body()).isEqualTo("[\"calls-value\",\"other-value\"]");
        assertThat(get("/subjects?subjectPrefix=calls").body()).isEqualTo("[\"calls-value\"]");
    }

    @Test
    void orderOfKeysMakesNoOtherSchema() throws Exception {
        register("s", FIRST);
        String turned = "{\"namespace\":\"t\",\"name\":\"Call\",\"fields\":[{\"type\":\"string\",\"name\":\"tool\"}],"
                + "\"type\":\"record\"}";
        assertThat(register("s", turned).json().path("version").asInt()).isEqualTo(1);
    }

    @Test
    void looksUpVersions() throws Exception {
        register("s", FIRST);
        register("s", WITH_DEFAULT);
        assertThat(get("/subjects/s/versions").body()).isEqualTo("[1,2]");
        JsonNode latest = get("/subjects/s/versions/latest").json();
        assertThat(latest.path("version").asInt()).isEqualTo(2);
        assertThat(latest.path("id").asInt()).isEqualTo(2);
        assertThat(get("/subjects/s/versions/-1").json()).isEqualTo(latest);
        assertThat(get("/subjects/s/versions/1/schema").body()).contains("tool").doesNotContain("more");
        Http.Answer found = Http.send(registry.uri(), "POST", "/subjects/s?normalize=true", body(FIRST));
        assertThat(found.json().path("version").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/subjects/none/versions,404,40401",
        "GET,/subjects/s/versions/7,404,40402",
        "GET,/subjects/s/versions/zero,422,42202",
        "GET,/schemas/ids/99,404,40403",
        "GET,/schemas/ids/abc,404,40403",
        "GET,/config/s,404,40408",
        "GET,/mode/s,404,40409",
        "DELETE,/subjects/none,404,40401",
        "GET,/nothing,404,404"
    })
    void errorsHaveConfluentsNumbers(String method, String path, int status, int code) throws Exception {
        register("s", FIRST);
        Http.Answer answer = Http.send(registry.uri(), method, path, null);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().path("error_code").asInt()).isEqualTo(code);
        assertThat(answer.header("Content-Type")).isEqualTo("application/vnd.schemaregistry.v1+json");
    }

    @Test
    void badSchemasAreRefused() throws Exception {
        for (String bad :
                new String[] {"{\"type\":\"nope\"}", "", "{", record("{\"name\":\"x\"}"), "[\"null\",\"null\"]"}) {
            Http.Answer answer = register("s", bad);
            assertThat(answer.status()).as(bad).isEqualTo(422);
            assertThat(answer.json().path("error_code").asInt()).isEqualTo(42201);
        }
        Http.Answer protobuf = Http.send(
                registry.uri(), "POST", "/subjects/s/versions", "{\"schemaType\":\"PROTOBUF\",\"schema\":\"x\"}");
        assertThat(protobuf.json().path("message").asString()).contains("AVRO only");
        assertThat(Http.send(registry.uri(), "POST", "/subjects/s/versions", "no json")
                        .status())
                .isEqualTo(422);
    }

    @Test
    void compatibilityIsHeldByLevel() throws Exception {
        register("s", FIRST);
        Http.Answer refused = register("s", WITHOUT_DEFAULT);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().path("message").asString()).contains("READER_FIELD_MISSING_DEFAULT_VALUE");
        Http.Answer checked = Http.send(
                registry.uri(),
                "POST",
                "/compatibility/subjects/s/versions/latest?verbose=true",
                body(WITHOUT_DEFAULT));
        assertThat(checked.json().path("is_compatible").asBoolean()).isFalse();
        assertThat(checked.json().path("messages").size()).isEqualTo(1);
        assertThat(Http.send(registry.uri(), "POST", "/compatibility/subjects/s/versions", body(WITH_DEFAULT))
                        .json()
                        .path("is_compatible")
                        .asBoolean())
                .isTrue();
        assertThat(get("/config").json().path("compatibilityLevel").asString()).isEqualTo("BACKWARD");
        Http.send(registry.uri(), "PUT", "/config/s", "{\"compatibility\":\"forward\"}");
        assertThat(register("s", WITHOUT_DEFAULT).status()).isEqualTo(200);
        assertThat(Http.send(registry.uri(), "PUT", "/config", "{\"compatibility\":\"SOMEHOW\"}")
                        .json()
                        .path("error_code")
                        .asInt())
                .isEqualTo(42203);
        Http.send(registry.uri(), "PUT", "/config/s", "{\"compatibility\":\"FULL_TRANSITIVE\"}");
        assertThat(register("s", WITH_DEFAULT).status()).isEqualTo(409);
        assertThat(Http.send(registry.uri(), "DELETE", "/config/s", null)
                        .json()
                        .path("compatibilityLevel")
                        .asString())
                .isEqualTo("FULL_TRANSITIVE");
    }

    @Test
    void referencesAreResolved() throws Exception {
        register("address", "{\"type\":\"record\",\"name\":\"Address\",\"namespace\":\"t\",\"fields\":[]}");
        String person =
                "{\"type\":\"record\",\"name\":\"Person\",\"namespace\":\"t\",\"fields\":[{\"name\":\"at\",\"type\":\"t.Address\"}]}";
        assertThat(register("person", person).status()).isEqualTo(422);
        ObjectNode withReference = VendorJson.MAPPER.createObjectNode().put("schema", person);
        withReference
                .withArray("references")
                .addObject()
                .put("name", "t.Address")
                .put("subject", "address")
                .put("version", 1);
        Http.Answer answer = Http.send(registry.uri(), "POST", "/subjects/person/versions", withReference.toString());
        assertThat(answer.status()).isEqualTo(200);
        assertThat(get("/schemas/ids/2").json().at("/references/0/subject").asString())
                .isEqualTo("address");
        assertThat(get("/subjects/address/versions/1/referencedby").body()).isEqualTo("[2]");
    }

    @Test
    void deletionIsSoftThenHard() throws Exception {
        register("s", FIRST);
        assertThat(Http.send(registry.uri(), "DELETE", "/subjects/s?permanent=true", null)
                        .json()
                        .path("error_code")
                        .asInt())
                .isEqualTo(40405);
        assertThat(Http.send(registry.uri(), "DELETE", "/subjects/s", null).body())
                .isEqualTo("[1]");
        assertThat(get("/subjects").body()).isEqualTo("[]");
        assertThat(get("/subjects?deleted=true").body()).isEqualTo("[\"s\"]");
        assertThat(get("/schemas/ids/1").status()).isEqualTo(200);
        assertThat(register("s", WITH_DEFAULT).json().path("version").asInt()).isEqualTo(2);
        Http.send(registry.uri(), "DELETE", "/subjects/s", null);
        Http.send(registry.uri(), "DELETE", "/subjects/s?permanent=true", null);
        assertThat(get("/subjects?deleted=true").body()).isEqualTo("[]");
    }

    @Test
    void readOnlyModeRefusesNewSchemas() throws Exception {
        assertThat(get("/mode").json().path("mode").asString()).isEqualTo("READWRITE");
        Http.send(registry.uri(), "PUT", "/mode", "{\"mode\":\"READONLY\"}");
        assertThat(register("s", FIRST).json().path("error_code").asInt()).isEqualTo(42205);
    }

    @Test
    void subjectsMayHaveAnyName() throws Exception {
        String subject = "t%2Ftopic%20name%2Bx";
        assertThat(register(subject, FIRST).status()).isEqualTo(200);
        assertThat(get("/subjects").body()).isEqualTo("[\"t/topic name+x\"]");
        assertThat(get("/subjects/" + subject + "/versions/1").status()).isEqualTo(200);
    }

    @Test
    void credentialsAreAskedForWhereSet() throws Exception {
        try (EmbeddedRegistry guarded =
                EmbeddedRegistry.builder().basicAuth("ada", "s:crét").start()) {
            Http.Answer refused = Http.send(guarded.uri(), "GET", "/subjects", null);
            assertThat(refused.status()).isEqualTo(401);
            String basic = java.util.Base64.getEncoder()
                    .encodeToString("ada:s:crét".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            assertThat(Http.send(guarded.uri(), "GET", "/subjects", null, "Authorization", "Basic " + basic)
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aDataDirectoryKeepsSchemasAlsoWithATornLastLine(@TempDir Path directory) throws Exception {
        try (EmbeddedRegistry first =
                EmbeddedRegistry.builder().dataDirectory(directory).start()) {
            register(first.uri(), "a", FIRST);
            register(first.uri(), "b", WITH_DEFAULT);
            Http.send(first.uri(), "PUT", "/config", "{\"compatibility\":\"NONE\"}");
        }
        Files.writeString(directory.resolve("registry.jsonl"), "{\"do\":\"add\",\"subj", StandardOpenOption.APPEND);
        try (EmbeddedRegistry second =
                EmbeddedRegistry.builder().dataDirectory(directory).start()) {
            assertThat(Http.send(second.uri(), "GET", "/subjects", null).body()).isEqualTo("[\"a\",\"b\"]");
            assertThat(Http.send(second.uri(), "GET", "/config", null)
                            .json()
                            .path("compatibilityLevel")
                            .asString())
                    .isEqualTo("NONE");
            assertThat(register(second.uri(), "a", WITHOUT_DEFAULT)
                            .json()
                            .path("id")
                            .asInt())
                    .isEqualTo(3);
        }
        try (EmbeddedRegistry third =
                EmbeddedRegistry.builder().dataDirectory(directory).start()) {
            assertThat(Http.send(third.uri(), "GET", "/subjects/a/versions", null)
                            .body())
                    .isEqualTo("[1,2]");
        }
        Files.writeString(directory.resolve("registry.jsonl"), "damaged\n");
        assertThatThrownBy(() ->
                        EmbeddedRegistry.builder().dataDirectory(directory).start())
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("damaged");
    }
}
