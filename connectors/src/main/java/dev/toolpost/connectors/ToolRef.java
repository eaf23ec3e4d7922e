package dev.toolpost.connectors;

/**
 * A tool with the connector it belongs to. Thread-safe.
 *
 * @param connector the definition of the vendor
 * @param tool one of its tools
 * @param validator of this tool's arguments
 */
public record ToolRef(Connector connector, Tool tool, ArgumentValidator validator) {

    public ToolRef(Connector connector, Tool tool) {
        this(connector, tool, new ArgumentValidator(tool));
    }
}
