package dev.toolpost.worker.trial;

import dev.toolpost.worker.http.RedactedRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What goes to a vendor, as people may see it. */
public sealed interface Shown {

    /** A request over HTTP, its secrets masked. */
    record Request(RedactedRequest request) implements Shown {}

    /**
     * A statement. Its values are the caller's own; credentials are no part of it.
     *
     * @param database the address of JDBC
     */
    record Statement(String database, boolean readOnly, String text, List<@Nullable String> parameters)
            implements Shown {
        public Statement {
            parameters = parameters.stream().toList();
        }
    }
}
