package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Reads templates and the conditions of their parts. Used once. */
final class TemplateReader {
    private static final String VALUE = "$value";
    private static final String WHEN = "$when";
    private static final String MESSAGE = "$message";
    private static final String ENCODE = "$encode";

    private final TemplateNames names;

    TemplateReader(TemplateNames names) {
        this.names = names;
    }

    /** A text, or null where it is wrong. */
    @Nullable
    TextTemplate text(Section text) {
        TextTemplate template = text.parsed(TextTemplate::parseWithFunctions);
        if (template != null) {
            template.arguments().forEach(name -> names.use(text, name));
        }
        return template;
    }

    /** A text whose arguments all have a text form, or null where it is wrong. */
    @Nullable
    TextTemplate plainText(Section text) {
        TextTemplate template = text(text);
        if (template != null) {
            names.refuseStructured(text, template);
        }
        return template;
    }

    /** A template in the shape of JSON. */
    BodyTemplate.Node node(Section section) {
        JsonNode node = section.node();
        if (node.isObject()) {
            return object(section);
        }
        if (node.isArray()) {
            return new BodyTemplate.Items(
                    section.items().stream().map(this::node).toList());
        }
        if (!node.isString()) {
            return new BodyTemplate.Constant(node);
        }
        TextTemplate template = text(section);
        if (template == null) {
            return new BodyTemplate.Constant(node);
        }
        String single = template.singleArgument();
        if (single != null) {
            return new BodyTemplate.Value(single);
        }
        if (template.arguments().isEmpty()) {
            TextTemplate.Literal literal =
                    (TextTemplate.Literal) template.parts().getFirst();
            return new BodyTemplate.Constant(JsonNodeFactory.instance.stringNode(literal.text()));
        }
        names.refuseStructured(section, template);
        return new BodyTemplate.Text(template);
    }

    private BodyTemplate.Node object(Section section) {
        BodyTemplate.Node value;
        if (section.has(VALUE)) {
            refuseOthers(section, Set.of(VALUE, WHEN));
            value = node(section.get(VALUE));
        } else if (section.has(MESSAGE)) {
            refuseOthers(section, Set.of(MESSAGE, ENCODE, WHEN));
            value = message(section);
        } else {
            value = members(section);
        }
        Condition when = condition(section.find(WHEN));
        return when == null ? value : new BodyTemplate.Conditional(value, when);
    }

    /** Reports members that have no meaning beside those that make a section special. */
    static void refuseOthers(Section section, Set<String> known) {
        section.members().forEach((name, one) -> {
            if (!known.contains(name)) {
                one.problems()
                        .errorAtKey(
                                one.pointer(), "unknown key '" + name + "'", "known here: " + String.join(", ", known));
            }
        });
    }

    /** The members of an object, in order. */
    BodyTemplate.Members members(Section section) {
        SequencedMap<String, BodyTemplate.Node> members = new LinkedHashMap<>();
        section.members().forEach((name, value) -> {
            if (!name.equals(WHEN)) {
                members.put(name, node(value));
            }
        });
        return new BodyTemplate.Members(members);
    }

    private BodyTemplate.Node message(Section section) {
        Section message = section.get(MESSAGE);
        if (!message.node().isObject() || !message.node().path("headers").isObject()) {
            message.error("the message has no headers", "write headers: with To and Subject, and text or html");
            return new BodyTemplate.Constant(JsonNodeFactory.instance.nullNode());
        }
        refuseOthers(message, Set.of("headers", "text", "html"));
        SequencedMap<String, BodyTemplate.Node> headers = new LinkedHashMap<>();
        message.get("headers").members().forEach((name, value) -> {
            if (!name.matches("[A-Za-z][A-Za-z0-9-]{0,63}")
                    || name.regionMatches(true, 0, "Content-", 0, 8)
                    || name.equalsIgnoreCase("MIME-Version")) {
                value.problems()
                        .errorAtKey(
                                value.pointer(),
                                name + " is no header of a message that stands here",
                                "Content headers and MIME-Version are written by themselves");
            }
            headers.put(name, node(value));
        });
        Section text = message.find("text");
        Section html = message.find("html");
        if (text == null && html == null) {
            message.error("the message has no text", "write text, html or both");
        }
        Section encode = section.find(ENCODE);
        TextFunction encoding = encode == null ? TextFunction.BASE64URL : TextFunction.of(encode.text());
        if (encoding != TextFunction.BASE64URL && encoding != TextFunction.BASE64) {
            section.get(ENCODE).error("no encoding of a message", "write base64url or base64");
            encoding = TextFunction.BASE64URL;
        }
        return new BodyTemplate.Message(
                headers, text == null ? null : node(text), html == null ? null : node(html), encoding);
    }

    /** When a part is there, or null for always. */
    @Nullable
    Condition condition(@Nullable Section when) {
        if (when == null) {
            return null;
        }
        if (when.node().isString()) {
            names.use(when, when.text());
            return new Condition(List.of(new Condition.Test(when.text(), new BodyCondition.Exists(true))));
        }
        if (!when.node().isObject()) {
            when.error("no condition", "name an argument, or arguments and their values");
            return null;
        }
        List<Condition.Test> tests = new ArrayList<>();
        for (Map.Entry<String, Section> one : when.members().entrySet()) {
            names.use(one.getValue(), one.getKey());
            BodyCondition.Predicate predicate = ErrorRulesReader.bodyPredicate(one.getValue());
            if (predicate != null) {
                tests.add(new Condition.Test(one.getKey(), predicate));
            }
        }
        if (tests.isEmpty()) {
            when.error("a condition without a test", "name an argument, or an argument and its value");
        }
        return new Condition(tests);
    }
}
