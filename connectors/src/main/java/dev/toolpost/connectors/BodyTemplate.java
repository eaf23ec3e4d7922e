package dev.toolpost.connectors;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a request's body is made of. Immutable. */
public sealed interface BodyTemplate {

    /**
     * A JSON body.
     *
     * @param root its template
     */
    record Json(Node root) implements BodyTemplate {}

    /**
     * A form, {@code application/x-www-form-urlencoded}.
     *
     * @param fields in order
     */
    record Form(List<Parameter> fields) implements BodyTemplate {
        public Form {
            fields = List.copyOf(fields);
        }
    }

    /**
     * A form in parts, {@code multipart/form-data} (RFC 7578).
     *
     * @param parts in order
     */
    record Multipart(List<Part> parts) implements BodyTemplate {
        public Multipart {
            parts = List.copyOf(parts);
        }
    }

    /**
     * A GraphQL request: the document stands as it is, arguments come in as its variables alone.
     *
     * @param document the document
     * @param variables their template, by name
     * @param operation which operation of the document, or null where it holds one
     */
    record GraphQl(
            String document, Members variables, @Nullable String operation) implements BodyTemplate {}

    /**
     * A body of another type.
     *
     * @param content what is sent
     * @param contentType its media type
     */
    record Raw(Content content, TextTemplate contentType) implements BodyTemplate {}

    /**
     * A part of a multipart form. It is left out where its content is absent.
     *
     * @param name of the field
     * @param content what it holds
     * @param filename its file name, or null for none
     * @param contentType its media type, or null for what the content suggests
     * @param when when it is there, or null for always
     */
    record Part(
            String name,
            Content content,
            @Nullable TextTemplate filename,
            @Nullable TextTemplate contentType,
            @Nullable Condition when) {}

    /** What a part, or a body of another type, holds. */
    sealed interface Content {}

    /** Text in UTF-8. */
    record TextContent(TextTemplate text) implements Content {}

    /** JSON. */
    record JsonContent(Node root) implements Content {}

    /**
     * Bytes that an argument holds in base64.
     *
     * @param argument its name
     * @param maxBytes the most that it may hold
     */
    record FileContent(String argument, int maxBytes) implements Content {
        /** What a file may hold where the definition says nothing; a call's own size bounds it besides. */
        public static final int STANDARD_MAX_BYTES = 10 << 20;
    }

    /** A piece of a JSON template. A member or item whose argument is absent is left out; an object or array stays, even empty. */
    sealed interface Node {}

    /** A number, boolean, null or text that stands for itself. */
    record Constant(JsonNode value) implements Node {}

    /** Exactly one argument: its JSON value, whatever its type. */
    record Value(String argument) implements Node {}

    /** Text around arguments: a string. Absent where one of its arguments is absent. */
    record Text(TextTemplate template) implements Node {}

    /** An object, members in order. */
    record Members(SequencedMap<String, Node> members) implements Node {
        public Members {
            members = Immutable.map(members);
        }
    }

    /** An array, items in order. */
    record Items(List<Node> items) implements Node {
        public Items {
            items = List.copyOf(items);
        }
    }

    /** A piece that is there only under a condition. */
    record Conditional(Node value, Condition when) implements Node {}

    /**
     * An internet message (RFC 5322) as a string.
     *
     * @param headers by name, in order; an array is several addresses
     * @param text its plain text, or null
     * @param html its text as HTML, or null
     * @param encoding how the message becomes a string
     */
    record Message(
            Map<String, Node> headers,
            @Nullable Node text,
            @Nullable Node html,
            TextFunction encoding) implements Node {
        public Message {
            headers = Immutable.map(headers);
        }
    }
}
