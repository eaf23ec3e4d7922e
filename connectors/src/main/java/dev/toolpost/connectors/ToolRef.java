package dev.toolpost.connectors;

/**
 * A tool with the connector it belongs to. Thread-safe.
 *
 * @param connector the definition of the vendor
 * @param tool one of its tools
 * @param validator of this tool's arguments
 * @param defaults what arguments are where a call leaves them out
 */
public record ToolRef(Connector connector, Tool tool, ArgumentValidator validator, ArgumentDefaults defaults) {

    public ToolRef(Connector connector, Tool tool) {
        this(connector, tool, new ArgumentValidator(tool), ArgumentDefaults.of(tool));
    }

    /** A later step of the tool's operation. */
    public ToolRef step(Tool step) {
        return new ToolRef(connector, step, validator, defaults);
    }
}
