package dev.toolpost.connectors;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentEndEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.events.StreamStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One YAML document as a JSON tree that knows where in the file each value and key stands. Text from anywhere can be read: the
 * YAML 1.2 JSON types are all there is (no tags, no merge keys, one document), and size, depth, nodes and aliases are
 * bounded, each alias counting as what it stands for.
 */
final class PositionedYaml {
    static final int MAX_CHARACTERS = 1 << 20;
    static final int MAX_DEPTH = 64;
    static final int MAX_NODES = 200_000;
    static final int MAX_ALIASES = 1_000;

    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
    private static final Set<String> TRUES = Set.of("true", "True", "TRUE");
    private static final Set<String> FALSES = Set.of("false", "False", "FALSE");
    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,100}");
    private static final Pattern DECIMAL =
            Pattern.compile("[-+]?(?:\\.[0-9]{1,100}|[0-9]{1,100}(?:\\.[0-9]{0,100})?)(?:[eE][-+]?[0-9]{1,3})?");
    private static final Pattern NOT_A_NUMBER = Pattern.compile("[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)");

    private final JsonNode root;
    private final Map<String, Position> values;
    private final Map<String, Position> keys;

    private PositionedYaml(JsonNode root, Map<String, Position> values, Map<String, Position> keys) {
        this.root = root;
        this.values = values;
        this.keys = keys;
    }

    /**
     * Reads a document.
     *
     * @throws UnreadableException where the text is not YAML or goes beyond what is accepted
     */
    static PositionedYaml read(String text) throws UnreadableException {
        if (text.length() > MAX_CHARACTERS) {
            throw new UnreadableException(
                    Position.START,
                    "the file has " + text.length() + " characters (expected: at most " + MAX_CHARACTERS + ")",
                    "split it into several connectors");
        }
        LoadSettings settings =
                LoadSettings.builder().setCodePointLimit(MAX_CHARACTERS).build();
        try {
            Reader reader = new Reader(new Parse(settings).parseString(text).iterator());
            JsonNode root = reader.document();
            return new PositionedYaml(root, reader.values, reader.keys);
        } catch (MarkedYamlEngineException e) {
            throw new UnreadableException(
                    position(e.getProblemMark().or(e::getContextMark)), "not YAML: " + described(e), hint(text));
        } catch (YamlEngineException e) {
            throw new UnreadableException(Position.START, "not YAML: " + e.getMessage(), "");
        }
    }

    JsonNode root() {
        return root;
    }

    /** Where the value at this JSON Pointer begins, or the nearest value around it. */
    Position at(String pointer) {
        return nearest(values, pointer);
    }

    /** Where the key of the member at this JSON Pointer begins; for what is no member, where its value begins. */
    Position keyAt(String pointer) {
        Position key = keys.get(pointer);
        return key == null ? at(pointer) : key;
    }

    private static Position nearest(Map<String, Position> positions, String pointer) {
        String at = pointer;
        while (true) {
            Position position = positions.get(at);
            if (position != null) {
                return position;
            }
            int slash = at.lastIndexOf('/');
            if (slash < 0) {
                return Position.START;
            }
            at = at.substring(0, slash);
        }
    }

    static String child(String pointer, String name) {
        return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    private static String described(MarkedYamlEngineException e) {
        String problem = e.getProblem();
        String context = e.getContext();
        return context == null || context.isBlank() ? problem : context + ": " + problem;
    }

    private static String hint(String text) {
        return text.contains("\t")
                ? "YAML is indented by spaces, never by tabs"
                : "quote text that holds ':', '{', '#' or '@'";
    }

    private static Position position(Optional<Mark> mark) {
        return mark.map(at -> new Position(at.getLine() + 1, at.getColumn() + 1))
                .orElse(Position.START);
    }

    /** The text cannot be read as one YAML document within the bounds. */
    static final class UnreadableException extends Exception {
        private final Position position;
        private final String fix;

        UnreadableException(Position position, String message, String fix) {
            super(message);
            this.position = position;
            this.fix = fix;
        }

        Position position() {
            return position;
        }

        String fix() {
            return fix;
        }
    }

    /** Builds the tree from the parser's events; used once. */
    private static final class Reader {
        private final Iterator<Event> events;
        private final Map<String, Position> values = new HashMap<>();
        private final Map<String, Position> keys = new HashMap<>();
        private final Map<String, Anchored> anchors = new HashMap<>();
        private int nodes;
        private int aliases;

        /** What an anchor stands for, where it stands and how many nodes it holds; null until it is complete. */
        private record Anchored(@Nullable JsonNode value, int nodes) {}

        Reader(Iterator<Event> events) {
            this.events = events;
        }

        JsonNode document() throws UnreadableException {
            Event event = events.next();
            while (event instanceof StreamStartEvent) {
                event = events.next();
            }
            if (!(event instanceof DocumentStartEvent)) {
                throw new UnreadableException(
                        Position.START, "the file is empty", "see docs/connectors.md for a first one");
            }
            JsonNode root = value(events.next(), "", 1);
            Event end = events.next();
            if (end instanceof DocumentEndEvent
                    && events.hasNext()
                    && events.next() instanceof DocumentStartEvent next) {
                throw new UnreadableException(
                        position(next.getStartMark()), "a second document begins here", "one file holds one connector");
            }
            return root;
        }

        private JsonNode value(Event event, String pointer, int depth) throws UnreadableException {
            Position position = position(event.getStartMark());
            values.put(pointer, position);
            if (depth > MAX_DEPTH) {
                throw new UnreadableException(
                        position, "nested deeper than " + MAX_DEPTH + " levels", "a connector needs no such depth");
            }
            count(1, position);
            if (event instanceof AliasEvent alias) {
                return aliased(alias, position);
            }
            String anchor = anchorOf(event);
            int before = nodes;
            if (anchor != null) {
                anchors.put(anchor, new Anchored(null, 0));
            }
            JsonNode value = fresh(event, pointer, depth, position);
            if (anchor != null) {
                anchors.put(anchor, new Anchored(value, nodes - before + 1));
            }
            return value;
        }

        private JsonNode fresh(Event event, String pointer, int depth, Position position) throws UnreadableException {
            return switch (event) {
                case ScalarEvent scalar -> {
                    refuseTag(scalar.getTag(), position);
                    yield scalar(scalar, position);
                }
                case MappingStartEvent mapping -> {
                    refuseTag(mapping.getTag(), position);
                    yield mapping(pointer, depth);
                }
                case SequenceStartEvent sequence -> {
                    refuseTag(sequence.getTag(), position);
                    yield sequence(pointer, depth);
                }
                default -> throw new IllegalStateException("event " + event.getEventId() + " at " + position);
            };
        }

        private JsonNode aliased(AliasEvent alias, Position position) throws UnreadableException {
            String name = alias.getAlias().getValue();
            Anchored anchored = anchors.get(name);
            if (anchored == null) {
                throw new UnreadableException(position, "the alias *" + name + " names no anchor above it", "");
            }
            JsonNode value = anchored.value();
            if (value == null) {
                throw new UnreadableException(position, "the alias *" + name + " stands inside its own anchor", "");
            }
            aliases++;
            if (aliases > MAX_ALIASES) {
                throw new UnreadableException(position, "more than " + MAX_ALIASES + " aliases", "");
            }
            count(anchored.nodes(), position);
            return value.deepCopy();
        }

        private ObjectNode mapping(String pointer, int depth) throws UnreadableException {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            for (Event event = events.next(); !(event instanceof MappingEndEvent); event = events.next()) {
                Position position = position(event.getStartMark());
                if (!(event instanceof ScalarEvent key)) {
                    throw new UnreadableException(
                            position, "a key must be plain text", "quote a key that begins with { [ or *");
                }
                refuseTag(key.getTag(), position);
                if (key.getAnchor().isPresent()) {
                    throw new UnreadableException(position, "a key takes no anchor", "put it before the value");
                }
                String name = key.getValue();
                String member = child(pointer, name);
                if (object.has(name)) {
                    throw new UnreadableException(
                            position,
                            "the key " + name + " stands twice (first in line "
                                    + nearest(keys, member).line() + ")",
                            "keep one of them");
                }
                keys.put(member, position);
                object.set(name, value(events.next(), member, depth + 1));
            }
            return object;
        }

        private ArrayNode sequence(String pointer, int depth) throws UnreadableException {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (Event event = events.next(); !(event instanceof SequenceEndEvent); event = events.next()) {
                array.add(value(event, pointer + "/" + array.size(), depth + 1));
            }
            return array;
        }

        private void count(int more, Position position) throws UnreadableException {
            nodes += more;
            if (nodes > MAX_NODES) {
                throw new UnreadableException(
                        position,
                        "more than " + MAX_NODES + " values, aliases counted as what they stand for",
                        "write less, or use fewer aliases");
            }
        }

        private static @Nullable String anchorOf(Event event) {
            return event instanceof NodeEvent node
                            && (node instanceof ScalarEvent || node instanceof CollectionStartEvent)
                    ? node.getAnchor().map(Object::toString).orElse(null)
                    : null;
        }

        private static void refuseTag(Optional<String> tag, Position position) throws UnreadableException {
            if (tag.isPresent()) {
                throw new UnreadableException(
                        position, "the tag " + tag.get() + " is not accepted", "write the value without a tag");
            }
        }

        private static JsonNode scalar(ScalarEvent event, Position position) throws UnreadableException {
            JsonNodeFactory factory = JsonNodeFactory.instance;
            String text = event.getValue();
            if (!event.isPlain()) {
                return factory.stringNode(text);
            }
            if (NULLS.contains(text)) {
                return factory.nullNode();
            }
            if (TRUES.contains(text) || FALSES.contains(text)) {
                return factory.booleanNode(TRUES.contains(text));
            }
            if (INTEGER.matcher(text).matches()) {
                return integer(new BigInteger(text.startsWith("+") ? text.substring(1) : text));
            }
            if (DECIMAL.matcher(text).matches()) {
                return factory.numberNode(new BigDecimal(text));
            }
            if (NOT_A_NUMBER.matcher(text).matches()) {
                throw new UnreadableException(position, text + " has no place in JSON", "quote it where text is meant");
            }
            return factory.stringNode(text);
        }

        private static JsonNode integer(BigInteger value) {
            JsonNodeFactory factory = JsonNodeFactory.instance;
            if (value.bitLength() < Integer.SIZE) {
                return factory.numberNode(value.intValue());
            }
            return value.bitLength() < Long.SIZE ? factory.numberNode(value.longValue()) : factory.numberNode(value);
        }
    }
}
