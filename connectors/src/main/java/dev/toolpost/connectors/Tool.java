package dev.toolpost.connectors;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A named operation of a connector. Immutable, but for the schema's nodes, which nobody may change.
 *
 * @param name full name: the vendor's id, an underscore and the tool's key; at most 64 letters, digits and underscores
 * @param title its name for people
 * @param description what it returns, when to use it, written for a language model
 * @param arguments JSON Schema (2020-12, local references only) of the arguments, as calls are validated against; for a
 *     paged tool the arguments {@code limit} and {@code next_cursor} are in it
 * @param tags for selection, for example the kind of object
 * @param effect what it does to the vendor's data
 * @param idempotent whether the same request may be sent twice without harm
 * @param idempotencyKeyHeader header in which the vendor takes an idempotency key, or null
 * @param action how its request, or its statement, is made
 * @param operation what follows the request where the vendor only takes the work on, or null where its answer is the result
 * @param paging how a list is walked, or null where one answer is all
 * @param response what the vendor answers with
 * @param timeout bound of one HTTP exchange
 * @param views views of the result other than the vendor's own, by name
 */
public record Tool(
        String name,
        String title,
        String description,
        ObjectNode arguments,
        Set<String> tags,
        Effect effect,
        boolean idempotent,
        @Nullable String idempotencyKeyHeader,
        Action action,
        @Nullable Operation operation,
        @Nullable Paging paging,
        ResponseKind response,
        Duration timeout,
        Map<String, View> views) {

    public Tool {
        tags = Immutable.set(tags);
        views = Immutable.map(views);
    }

    /** A later step of its operation as a tool of its own: a read under the same name, so that the same limits count it. */
    public Tool step(RequestTemplate step, ResponseKind answer) {
        return new Tool(
                name,
                title,
                description,
                arguments,
                tags,
                Effect.READ,
                true,
                null,
                step,
                null,
                null,
                answer,
                timeout,
                views);
    }

    /** How the HTTP request of a tool is made whose connector speaks HTTP. */
    public RequestTemplate request() {
        if (action instanceof RequestTemplate request) {
            return request;
        }
        throw new IllegalStateException("tool " + name + " makes no HTTP request (expected: a tool of executor http)");
    }

    /** The unified view, or null where the tool has none. */
    public @Nullable View unified() {
        return views.get(View.UNIFIED);
    }

    /** This tool as it is asked for and read on the first page of a list, or on one behind it. */
    public Tool forPage(boolean first) {
        Paging.Later later = first || paging == null ? null : paging.later();
        return later == null
                ? this
                : new Tool(
                        name,
                        title,
                        description,
                        arguments,
                        tags,
                        effect,
                        idempotent,
                        idempotencyKeyHeader,
                        later.request(),
                        operation,
                        later.paging(),
                        response,
                        timeout,
                        views);
    }
}
