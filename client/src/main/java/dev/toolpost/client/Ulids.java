package dev.toolpost.client;

import java.time.InstantSource;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Makes call ids that sort by time: 48 bits of epoch milliseconds and 80 random bits in 26 characters of Crockford's base 32.
 * Thread-safe if the generator is.
 *
 * @see <a href="https://github.com/ulid/spec">ULID specification</a>
 */
public final class Ulids implements Supplier<String> {
    private static final char[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();

    private final InstantSource clock;
    private final RandomGenerator random;

    public Ulids(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    @Override
    public String get() {
        char[] text = new char[26];
        write(text, 0, 10, clock.millis());
        write(text, 10, 8, random.nextLong());
        write(text, 18, 8, random.nextLong());
        return new String(text);
    }

    /** The lowest 5 x length bits of the value. */
    private static void write(char[] text, int start, int length, long value) {
        for (int i = start + length - 1; i >= start; i--) {
            text[i] = DIGITS[(int) (value & 31)];
            value >>>= 5;
        }
    }
}
