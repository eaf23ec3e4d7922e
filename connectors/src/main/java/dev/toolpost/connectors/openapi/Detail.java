package dev.toolpost.connectors.openapi;

/** How much of a document's schemas and texts goes into the connector: less of each where a large document would not fit into one file. */
enum Detail {
    FULL(5, 150, 100, 240, 300, 500),
    LESS(4, 60, 60, 140, 180, 300),
    LITTLE(3, 25, 30, 90, 110, 200);

    /** Levels of a schema below an argument. */
    final int depth;

    /** Schemas of one argument. */
    final int schemas;

    /** Values of an enumeration. */
    final int values;

    /** Characters that describe a schema. */
    final int schemaText;

    /** Characters that describe an argument. */
    final int argumentText;

    /** Characters that describe a tool. */
    final int toolText;

    Detail(int depth, int schemas, int values, int schemaText, int argumentText, int toolText) {
        this.depth = depth;
        this.schemas = schemas;
        this.values = values;
        this.schemaText = schemaText;
        this.argumentText = argumentText;
        this.toolText = toolText;
    }
}
