package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.InvalidVariableException;
import dev.toolpost.connectors.Variable;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import java.util.function.UnaryOperator;

/** What stands for the names in templates of token requests: what replies gave, fields of the secret, variables. Not thread-safe. */
final class TemplateValues implements UnaryOperator<String> {

    private final Connector connector;
    private final StoredConnection stored;
    private Secret known;

    TemplateValues(Connector connector, StoredConnection stored) {
        this.connector = connector;
        this.stored = stored;
        this.known = stored.secret();
    }

    /** @throws InvalidVariableException where the connection gives a variable no value that fits */
    @Override
    public String apply(String name) {
        String value = known.get(name);
        if (value != null) {
            return value;
        }
        Variable variable = connector.variable(name);
        return variable == null
                ? ""
                : variable.plain(stored.connection().variables().get(name));
    }

    /** Notes what a reply gave. */
    void take(String name, String value) {
        known = known.with(name, value);
    }

    /** Everything that must not be told: the secret, and what replies gave. */
    Secret untold() {
        return known;
    }
}
