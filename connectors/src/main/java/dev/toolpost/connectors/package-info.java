/**
 * Connectors: the definition of a vendor's HTTP API as data. The model ({@link dev.toolpost.connectors.Connector} and what it is made of),
 * the loader and linter of its YAML form, the catalogue, the validation of arguments and the export of tools.
 */
@NullMarked
package dev.toolpost.connectors;

import org.jspecify.annotations.NullMarked;
