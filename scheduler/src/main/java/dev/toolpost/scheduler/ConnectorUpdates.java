package dev.toolpost.scheduler;

import dev.toolpost.connectors.signing.PublicKeys;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a scheduler looks for definitions of connectors while it runs. Immutable.
 *
 * @param directories of connectors, as the catalogue was loaded from
 * @param trusted whose published definitions count; with none the topic is not read
 */
public record ConnectorUpdates(List<Path> directories, PublicKeys trusted) {

    public ConnectorUpdates {
        directories = List.copyOf(directories);
    }
}
