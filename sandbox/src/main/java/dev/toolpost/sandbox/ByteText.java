package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Growing bytes of UTF-8 text and JSON, written without intermediate strings where it counts. Not thread-safe. */
final class ByteText {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes;
    private int length;

    ByteText(int capacity) {
        bytes = new byte[capacity];
    }

    ByteText clear() {
        length = 0;
        return this;
    }

    int length() {
        return length;
    }

    /** Drops what was written after the given length. */
    ByteText truncate(int newLength) {
        length = newLength;
        return this;
    }

    /** The backing array, valid up to {@link #length()} until the next write. */
    byte[] array() {
        return bytes;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    ByteText raw(byte[] more) {
        return raw(more, 0, more.length);
    }

    ByteText raw(byte[] more, int offset, int count) {
        ensure(count);
        System.arraycopy(more, offset, bytes, length, count);
        length += count;
        return this;
    }

    ByteText raw(byte one) {
        ensure(1);
        bytes[length++] = one;
        return this;
    }

    /** Characters as they are; anything beyond ASCII becomes UTF-8. */
    ByteText text(String text) {
        int count = text.length();
        ensure(count);
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                return raw(text.substring(i).getBytes(StandardCharsets.UTF_8));
            }
            bytes[length++] = (byte) c;
        }
        return this;
    }

    ByteText number(long value) {
        if (value < 0) {
            return text(Long.toString(value));
        }
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        return digits(value, digits);
    }

    /** The last {@code width} digits of a number, with leading zeros. */
    ByteText digits(long value, int width) {
        ensure(width);
        long rest = value;
        for (int i = length + width - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += width;
        return this;
    }

    ByteText hex(long value, int width) {
        ensure(width);
        for (int i = width - 1; i >= 0; i--) {
            bytes[length++] = HEX[(int) (value >>> (4 * i)) & 0xf];
        }
        return this;
    }

    /** A JSON string with its quotes. */
    ByteText string(String value) {
        raw((byte) '"');
        int clean = 0;
        int count = value.length();
        for (int i = 0; i < count; i++) {
            char c = value.charAt(i);
            if (c < 0x20 || c == '"' || c == '\\') {
                text(value.substring(clean, i));
                clean = i + 1;
                switch (c) {
                    case '"' -> text("\\\"");
                    case '\\' -> text("\\\\");
                    case '\n' -> text("\\n");
                    default -> text("\\u").hex(c, 4);
                }
            }
        }
        return (clean == 0 ? text(value) : text(value.substring(clean))).raw((byte) '"');
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
