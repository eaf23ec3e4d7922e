package dev.toolpost.connectors;

import java.util.List;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/** What a request's body is made of. Immutable. Other kinds of body than JSON become further records here. */
public sealed interface BodyTemplate {

    /**
     * A JSON body.
     *
     * @param root its template
     */
    record Json(Node root) implements BodyTemplate {}

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
}
