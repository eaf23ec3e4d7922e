package dev.toolpost.sandbox;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What the placeholders of one answer stand for. Belongs to the loop's thread. */
final class ReplyValues {

    private static final String ARGUMENT = "argument:";
    private static final String RECORD = "record:";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final VendorState state;
    private final RequestArguments arguments;
    private final String path;
    private final Map<String, JsonNode> values = new HashMap<>();
    private final Map<String, Consumer<ByteText>> written = new HashMap<>();
    private @Nullable DescribedRecords records;
    private long record = -1;

    ReplyValues(VendorState state, RequestArguments arguments, String path) {
        this.state = state;
        this.arguments = arguments;
        this.path = path;
    }

    RequestArguments arguments() {
        return arguments;
    }

    ReplyValues put(String name, @Nullable String value) {
        if (value != null) {
            values.put(name, JSON.stringNode(value));
        }
        return this;
    }

    ReplyValues put(String name, long value) {
        values.put(name, JSON.numberNode(value));
        return this;
    }

    ReplyValues put(String name, boolean value) {
        values.put(name, JSON.booleanNode(value));
        return this;
    }

    /** A value that is written straight into the answer as JSON. */
    ReplyValues write(String name, Consumer<ByteText> writer) {
        written.put(name, writer);
        return this;
    }

    /** The record that the answer is about. */
    ReplyValues record(DescribedRecords of, long id) {
        records = of;
        record = id;
        return write("record", out -> of.write(out, id));
    }

    /** Writes a value as JSON; false where there is none. */
    boolean json(ByteText out, String name) {
        Consumer<ByteText> writer = written.get(name);
        if (writer != null) {
            writer.accept(out);
            return true;
        }
        JsonNode value = value(name);
        if (value == null) {
            return false;
        }
        out.text(value.toString());
        return true;
    }

    /** A value as text, or null. */
    @Nullable
    String text(String name) {
        Consumer<ByteText> writer = written.get(name);
        if (writer != null) {
            ByteText out = new ByteText(256);
            writer.accept(out);
            return out.toString();
        }
        JsonNode value = value(name);
        return value == null ? null : value.isValueNode() ? value.asString() : value.toString();
    }

    /** Whether a value is there, not false, not 0 and not empty. */
    boolean holds(String name) {
        String text = text(name);
        return text != null
                && !text.isEmpty()
                && !text.equals("false")
                && !text.equals("0")
                && !text.equals("null")
                && !text.equals("[]");
    }

    private @Nullable JsonNode value(String name) {
        JsonNode own = values.get(name);
        if (own != null) {
            return own;
        }
        if (name.startsWith(ARGUMENT)) {
            JsonNode argument = arguments.at(name.substring(ARGUMENT.length()));
            return argument.isMissingNode() ? null : argument;
        }
        if (name.startsWith(RECORD)) {
            String value = records == null ? null : records.value(record, name.substring(RECORD.length()));
            return value == null ? null : JSON.stringNode(value);
        }
        long now = state.nowMillis().getAsLong();
        return switch (name) {
            case "now" ->
                JSON.stringNode(Instant.ofEpochMilli(now)
                        .truncatedTo(ChronoUnit.SECONDS)
                        .toString());
            case "now_ms" -> JSON.numberNode(now);
            case "now_s" -> JSON.numberNode(now / 1000);
            case "uri" -> JSON.stringNode(state.uri().get().toString());
            case "path" -> JSON.stringNode(path);
            case "unique" -> JSON.stringNode(state.counts().unique(state.seed()));
            default -> null;
        };
    }
}
