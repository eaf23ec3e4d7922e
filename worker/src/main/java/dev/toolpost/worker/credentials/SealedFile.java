package dev.toolpost.worker.credentials;

import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The encrypted file of a local store: {@code TPCREDS1}, the key's id, and the sealed JSON of all connections.
 *
 * <p>Reads without {@code FileChannel}: an interrupted call must not make others' credentials unavailable.
 */
final class SealedFile {

    private static final byte[] MAGIC = "TPCREDS1".getBytes(StandardCharsets.US_ASCII);
    private static final ObjectMapper JSON = JsonMapper.shared();

    private final Path path;
    private final StoreKey key;

    SealedFile(Path path, StoreKey key) {
        this.path = path;
        this.key = key;
    }

    /** What tells one state of the file from another without reading it. */
    record Stamp(FileTime modified, long size, @Nullable Object fileKey) {}

    /** All connections by id, and the highest version that was ever given. */
    record Content(Map<String, StoredConnection> connections, long lastVersion) {}

    /** Null if there is no file. */
    @Nullable
    Stamp stamp() throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    Content read() throws IOException {
        PrivateFile.requirePrivate(path, "credential store");
        byte[] bytes;
        try (var in = new FileInputStream(path.toFile())) {
            bytes = in.readAllBytes();
        }
        int headerBytes = MAGIC.length + StoreKey.ID_BYTES;
        if (bytes.length < headerBytes || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new CredentialsUnavailableException(path
                    + " is not a credential store of this version (expected: it begins with TPCREDS1). Restore it from a"
                    + " backup, or move it away and add the connections again");
        }
        byte[] header = Arrays.copyOf(bytes, headerBytes);
        if (!key.hasId(Arrays.copyOfRange(bytes, MAGIC.length, headerBytes))) {
            throw new CredentialsUnavailableException(
                    "The credential store " + path + " was sealed with another key than that of " + key.origin()
                            + ". Give the key it was made with (" + KeySource.VARIABLE + " or the key file)");
        }
        try {
            return parse(key.open(Arrays.copyOfRange(bytes, headerBytes, bytes.length), header));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new CredentialsUnavailableException(
                    "The credential store " + path
                            + " is damaged. Restore it from a backup, or move it away and add the"
                            + " connections again",
                    e);
        }
    }

    void write(Content content) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("last_version", content.lastVersion());
        ArrayNode connections = json.putArray("connections");
        for (StoredConnection stored : content.connections().values()) {
            ObjectNode each = connections.addObject();
            each.set("connection", ConnectionJson.write(stored.connection()));
            each.set("secret", ConnectionJson.write(stored.secret().values()));
            each.put("version", stored.version());
            if (!stored.grant().equals(GrantState.NONE)) {
                each.set("grant", GrantJson.write(stored.grant()));
            }
        }
        var header = new ByteArrayOutputStream();
        header.write(MAGIC);
        header.write(key.id());
        var all = new ByteArrayOutputStream();
        all.write(header.toByteArray());
        all.write(key.seal(JSON.writeValueAsBytes(json), header.toByteArray()));
        PrivateFile.replace(path, all.toByteArray());
    }

    private static Content parse(byte[] plain) {
        JsonNode json;
        try {
            json = JSON.readTree(plain);
        } catch (JacksonException e) {
            // Its message quotes the text, which holds secrets: it is not passed on.
            throw new IllegalArgumentException("The content is not JSON");
        }
        Map<String, StoredConnection> connections = new TreeMap<>();
        for (JsonNode each : json.path("connections")) {
            ConnectionRecord connection = ConnectionJson.read(each.path("connection"));
            Secret secret = Secret.of(ConnectionJson.readTexts(each.path("secret"), "secret"));
            long version = each.path("version").asLong(0);
            GrantState grant = GrantJson.read(each.path("grant"));
            connections.put(connection.id(), new StoredConnection(connection, secret, grant, version));
        }
        return new Content(connections, json.path("last_version").asLong(0));
    }
}
