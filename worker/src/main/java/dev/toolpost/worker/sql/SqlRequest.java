package dev.toolpost.worker.sql;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A statement as it goes to a database, with everything that says to which. Immutable; {@link #toString()} shows neither credentials nor
 * values.
 *
 * @param database where it goes
 * @param text as JDBC takes it, a question mark in each parameter's place
 * @param parameters the values, as text, in order; null for SQL's null
 * @param readOnly whether its transaction may change nothing
 * @param maxRows the most rows that it may return, or change
 * @param page what page of the rows is wanted, or null where they are not paged
 * @param before characters of the text before the part that the caller wrote, or null where he wrote none of it
 */
public record SqlRequest(
        Database database,
        String text,
        List<@Nullable String> parameters,
        boolean readOnly,
        int maxRows,
        @Nullable Page page,
        @Nullable Integer before) {

    public SqlRequest {
        parameters = parameters.stream().toList();
    }

    /**
     * A connection's database.
     *
     * @param connection tenant and connection, whose credential this is
     * @param version of what is stored of the connection; another one has a pool of its own
     * @param url of JDBC, without properties
     * @param host of it
     * @param port of it, or 0 where the driver knows its own
     * @param driver properties of the driver; none of them secret
     * @param username who logs in
     * @param password his secret
     */
    public record Database(
            String connection,
            long version,
            String url,
            String host,
            int port,
            Map<String, String> driver,
            String username,
            String password) {

        public Database {
            driver = Map.copyOf(driver);
        }

        /** Names the server. */
        public String server() {
            return port == 0 ? host : host + ":" + port;
        }

        @Override
        public String toString() {
            return "Database[" + connection + " at " + url + "]";
        }
    }

    /**
     * A page of rows.
     *
     * @param key columns by whose values the next page begins; empty where it begins by the number of rows read
     * @param skipped rows before this page, where there is no key
     * @param size rows wanted
     */
    public record Page(List<String> key, long skipped, int size) {
        public Page {
            key = List.copyOf(key);
        }
    }

    @Override
    public String toString() {
        return "SqlRequest[" + database + ", " + text + ", " + parameters.size() + " parameters]";
    }
}
