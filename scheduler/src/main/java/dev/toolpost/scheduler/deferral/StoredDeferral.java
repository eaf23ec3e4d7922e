package dev.toolpost.scheduler.deferral;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * A deferral as the store holds it: what is delivered, where, and whose it is. As bytes: a version, then each field with its length before
 * it. Small, and read without a registry.
 *
 * @param id identity of the deferral
 * @param partition null leaves it to the key
 */
@SuppressWarnings("ArrayRecordComponent") // bytes that pass through, never compared
record StoredDeferral(
        String id,
        String topic,
        @Nullable Integer partition,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<Header> headers) {

    static final byte VERSION = 1;
    private static final int ABSENT = -1;

    /** A header of what is delivered. */
    @SuppressWarnings("ArrayRecordComponent")
    record Header(String name, byte[] value) {}

    StoredDeferral {
        headers = List.copyOf(headers);
    }

    /** The same with one more header, once. */
    StoredDeferral marked(String name, byte[] mark) {
        List<Header> more = new ArrayList<>(headers);
        more.removeIf(header -> header.name.equals(name));
        more.add(new Header(name, mark));
        return new StoredDeferral(id, topic, partition, key, value, more);
    }

    /** The headers as Kafka has them. */
    Headers recordHeaders() {
        Headers all = new RecordHeaders();
        headers.forEach(header -> all.add(header.name, header.value));
        return all;
    }

    byte[] bytes() {
        ByteArrayOutputStream bytes =
                new ByteArrayOutputStream(128 + (key == null ? 0 : key.length) + (value == null ? 0 : value.length));
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            write(out, id.getBytes(StandardCharsets.UTF_8));
            write(out, topic.getBytes(StandardCharsets.UTF_8));
            out.writeInt(partition == null ? ABSENT : partition);
            write(out, key);
            write(out, value);
            out.writeInt(headers.size());
            for (Header header : headers) {
                write(out, header.name.getBytes(StandardCharsets.UTF_8));
                write(out, header.value);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads what {@link #bytes()} wrote.
     *
     * @throws IllegalStateException for another version's
     */
    static StoredDeferral of(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte version = in.readByte();
            if (version != VERSION) {
                throw new IllegalStateException("a stored deferral of version " + version + " (expected: " + VERSION
                        + "): the state is of a newer version, run that");
            }
            String id = text(in);
            String topic = text(in);
            int partition = in.readInt();
            byte[] key = read(in);
            byte[] value = read(in);
            int count = in.readInt();
            List<Header> headers = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                headers.add(new Header(text(in), required(read(in))));
            }
            return new StoredDeferral(id, topic, partition == ABSENT ? null : partition, key, value, headers);
        } catch (IOException e) {
            throw new IllegalStateException("a stored deferral of " + bytes.length + " bytes breaks off", e);
        }
    }

    private static void write(DataOutputStream out, byte @Nullable [] bytes) throws IOException {
        if (bytes == null) {
            out.writeInt(ABSENT);
        } else {
            out.writeInt(bytes.length);
            out.write(bytes);
        }
    }

    private static byte @Nullable [] read(DataInputStream in) throws IOException {
        int length = in.readInt();
        return length == ABSENT ? null : in.readNBytes(length);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(required(read(in)), StandardCharsets.UTF_8);
    }

    private static byte[] required(byte @Nullable [] bytes) throws IOException {
        if (bytes == null) {
            throw new IOException("a field is absent");
        }
        return bytes;
    }

    /** Without what is delivered, which is somebody's data. */
    @Override
    public String toString() {
        return "StoredDeferral[" + id + " to " + topic + (partition == null ? "" : "-" + partition) + "]";
    }
}
