package dev.toolpost.connectors;

import java.util.Map;
import java.util.Set;

/**
 * What a connector says of a vendor that is a database, besides its address. Immutable.
 *
 * @param driver properties of the JDBC driver, templated by the connection's variables; none but {@link #PROPERTIES}
 */
public record Database(Map<String, TextTemplate> driver) {

    /**
     * The properties that a definition may set. Drivers have others that name files to read or classes to load, so that a definition
     * from anywhere could run what it likes; these only steer how the server is talked to.
     */
    public static final Set<String> PROPERTIES = Set.of(
            "ApplicationName",
            "adaptiveFetch",
            "channelBinding",
            "currentSchema",
            "gssEncMode",
            "maxResultBuffer",
            "prepareThreshold",
            "sslmode",
            "stringtype",
            "targetServerType");

    public Database {
        driver = Immutable.map(driver);
    }
}
