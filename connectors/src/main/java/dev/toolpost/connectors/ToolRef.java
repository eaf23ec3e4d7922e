package dev.toolpost.connectors;

/**
 * A tool with the connector it belongs to.
 *
 * @param connector the definition of the vendor
 * @param tool one of its tools
 */
public record ToolRef(Connector connector, Tool tool) {}
