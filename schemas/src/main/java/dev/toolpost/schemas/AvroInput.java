package dev.toolpost.schemas;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.avro.AvroTypeException;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Reads Avro's binary encoding out of one array. Unlike Avro's own decoder it never allocates more than the bytes that
 * are there: a length or count that a hostile sender made up ends in an {@link EOFException}. Not thread-safe.
 *
 * @see <a href="https://avro.apache.org/docs/1.12.0/specification/#binary-encoding">Avro: binary encoding</a>
 */
final class AvroInput extends Decoder {
    private final byte[] bytes;
    private int position;

    AvroInput(byte[] bytes, int position) {
        this.bytes = bytes;
        this.position = position;
    }

    int remaining() {
        return bytes.length - position;
    }

    @Override
    public void readNull() {}

    @Override
    public boolean readBoolean() throws IOException {
        int value = next();
        if (value != 0 && value != 1) {
            throw new IOException("boolean: " + value + " (expected: 0 or 1)");
        }
        return value == 1;
    }

    @Override
    public int readInt() throws IOException {
        long value = readLong();
        if (value != (int) value) {
            throw new IOException("int: " + value + " (expected: 32 bits)");
        }
        return (int) value;
    }

    @Override
    public long readLong() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int next = next();
            value |= (next & 0x7FL) << shift;
            if ((next & 0x80) == 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new IOException("number of more than 10 bytes");
    }

    @Override
    public float readFloat() throws IOException {
        return Float.intBitsToFloat((int) littleEndian(4));
    }

    @Override
    public double readDouble() throws IOException {
        return Double.longBitsToDouble(littleEndian(8));
    }

    @Override
    public Utf8 readString(@Nullable Utf8 old) throws IOException {
        return new Utf8(readString());
    }

    @Override
    public String readString() throws IOException {
        int length = length();
        int start = take(length);
        return new String(bytes, start, length, StandardCharsets.UTF_8);
    }

    @Override
    public void skipString() throws IOException {
        take(length());
    }

    @Override
    public ByteBuffer readBytes(@Nullable ByteBuffer old) throws IOException {
        int length = length();
        byte[] copy = new byte[length];
        System.arraycopy(bytes, take(length), copy, 0, length);
        return ByteBuffer.wrap(copy);
    }

    @Override
    public void skipBytes() throws IOException {
        take(length());
    }

    @Override
    public void readFixed(byte[] target, int start, int length) throws IOException {
        System.arraycopy(bytes, take(length), target, start, length);
    }

    @Override
    public void skipFixed(int length) throws IOException {
        take(length);
    }

    @Override
    public int readEnum() throws IOException {
        return readInt();
    }

    @Override
    public long readArrayStart() throws IOException {
        return itemCount();
    }

    @Override
    public long arrayNext() throws IOException {
        return itemCount();
    }

    @Override
    public long skipArray() throws IOException {
        return skipItems();
    }

    @Override
    public long readMapStart() throws IOException {
        return itemCount();
    }

    @Override
    public long mapNext() throws IOException {
        return itemCount();
    }

    @Override
    public long skipMap() throws IOException {
        return skipItems();
    }

    @Override
    public int readIndex() throws IOException {
        int index = readInt();
        if (index < 0) {
            throw new AvroTypeException("union branch: " + index + " (expected: >= 0)");
        }
        return index;
    }

    /** Items in the next block. None of our messages holds items of no bytes, so there are never more items than bytes. */
    private long itemCount() throws IOException {
        long count = readLong();
        if (count < 0) {
            count = -count;
            readLong(); // the block's size in bytes, for those who want to skip it
        }
        if (count < 0 || count > remaining()) {
            throw new EOFException("block of " + count + " items in " + remaining() + " bytes");
        }
        return count;
    }

    /** Skips whole blocks while they state their size; returns how many items the caller has to skip one by one. */
    private long skipItems() throws IOException {
        long count = readLong();
        while (count < 0) {
            take(length());
            count = readLong();
        }
        if (count > remaining()) {
            throw new EOFException("block of " + count + " items in " + remaining() + " bytes");
        }
        return count;
    }

    private int length() throws IOException {
        long length = readLong();
        if (length < 0 || length > remaining()) {
            throw new EOFException(
                    "length: " + length + " (expected: 0 to " + remaining() + ", the bytes that are left)");
        }
        return (int) length;
    }

    private int take(int length) throws EOFException {
        if (length > remaining()) {
            throw new EOFException(length + " bytes wanted, " + remaining() + " left");
        }
        int start = position;
        position += length;
        return start;
    }

    private int next() throws EOFException {
        if (position >= bytes.length) {
            throw new EOFException("the bytes end in the middle of a value");
        }
        return bytes[position++] & 0xFF;
    }

    private long littleEndian(int length) throws EOFException {
        int start = take(length);
        long value = 0;
        for (int i = length - 1; i >= 0; i--) {
            value = (value << 8) | (bytes[start + i] & 0xFF);
        }
        return value;
    }
}
