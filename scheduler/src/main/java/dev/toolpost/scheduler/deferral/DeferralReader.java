package dev.toolpost.scheduler.deferral;

import dev.toolpost.message.Deferral;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.RegistryUnavailableException;
import dev.toolpost.schemas.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a record of {@code later} and says what is to be done. Thread-safe. */
final class DeferralReader {

    /** What a record asks for. */
    sealed interface Wish {

        /** Deliver it then. */
        record Defer(StoredDeferral deferral, long dueMillis) implements Wish {}

        /** Deliver what has this id now. */
        record Recall(String id) implements Wish {}

        /** It told the time. */
        record Nothing() implements Wish {}

        /**
         * It can never be delivered.
         *
         * @param cause a short code
         * @param detail what is wrong and what to do about it
         */
        record Dead(String cause, String detail) implements Wish {}
    }

    /** Names a call four times over, each at its longest. */
    private static final int LONGEST_ID = 1_000;

    private final Topics topics;
    private final MessageCodec<Deferral> codec;

    DeferralReader(Topics topics, MessageCodec<Deferral> codec) {
        this.topics = topics;
        this.codec = codec;
    }

    /**
     * What a record asks for.
     *
     * @param appendedMillis the broker's stamp
     * @throws RegistryUnavailableException if its schema is not known yet and the registry does not answer
     */
    Wish read(String topic, byte @Nullable [] value, long appendedMillis) {
        Deferral message;
        try {
            message = codec.decode(topic, value).value();
        } catch (RegistryUnavailableException e) {
            throw e;
        } catch (DecodeException e) {
            return new Wish.Dead(e.causeCode(), String.valueOf(e.getMessage()));
        }
        return switch (message.getAction()) {
            case "tick" -> new Wish.Nothing();
            case "recall" -> recall(message);
            case "defer" -> defer(message, appendedMillis);
            default ->
                new Wish.Dead(
                        "unknown-action", "action: \"" + message.getAction() + "\" (expected: defer, recall or tick)");
        };
    }

    private static Wish recall(Deferral message) {
        return wrongId(message) instanceof Wish.Dead dead ? dead : new Wish.Recall(message.getDeferralId());
    }

    private Wish defer(Deferral message, long appendedMillis) {
        if (wrongId(message) instanceof Wish.Dead dead) {
            return dead;
        }
        String target = message.getTopic();
        if (target == null || !isAllowed(target)) {
            return new Wish.Dead(
                    "foreign-target",
                    "topic: " + (target == null ? "none" : "\"" + target + "\"") + " (expected: "
                            + topics.prefix() + "resume.<pool> or " + topics.prefix()
                            + "batch.<pool>): a deferral goes nowhere else");
        }
        Integer partition = message.getPartition();
        if (partition != null && partition < 0) {
            return new Wish.Dead("invalid-fields", "partition: " + partition + " (expected: >= 0, or none)");
        }
        String key = message.getKey();
        List<StoredDeferral.Header> headers = message.getHeaders().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(header -> new StoredDeferral.Header(header.getKey(), bytes(header.getValue())))
                .toList();
        return new Wish.Defer(
                new StoredDeferral(
                        message.getDeferralId(),
                        target,
                        partition,
                        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
                        message.getValue() == null ? null : bytes(message.getValue()),
                        headers),
                due(message, appendedMillis));
    }

    private static @Nullable Wish wrongId(Deferral message) {
        int length = message.getDeferralId().length();
        return length >= 1 && length <= LONGEST_ID
                ? null
                : new Wish.Dead(
                        "invalid-fields",
                        "deferral_id: " + length + " characters (expected: from 1 to " + LONGEST_ID + ")");
    }

    /** Whether a deferral may go there. */
    boolean isAllowed(String target) {
        return topics.kindOf(target)
                .filter(kind -> kind == Topics.PoolTopic.RESUME || kind == Topics.PoolTopic.BATCH)
                .isPresent();
    }

    private static long due(Deferral message, long appendedMillis) {
        Long delay = message.getDelayMs();
        if (delay == null) {
            return Math.max(message.getDueAt(), 0);
        }
        long due = appendedMillis + Math.max(delay, 0);
        return due < 0 ? Long.MAX_VALUE : due;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
