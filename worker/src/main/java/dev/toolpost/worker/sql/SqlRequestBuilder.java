package dev.toolpost.worker.sql;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.InvalidVariableException;
import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.SqlText;
import dev.toolpost.connectors.Statement;
import dev.toolpost.connectors.TextTemplate;
import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.Variable;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.request.AskedPage;
import dev.toolpost.worker.request.RequestProblemException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes the statement of a tool, arguments that were validated already, and a connection. Values become parameters and names are quoted:
 * nothing of an argument is read as SQL, except by a tool whose argument is a query, which stands in parentheses and reads only. Pure;
 * thread-safe.
 */
public final class SqlRequestBuilder {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final String BEFORE = "SELECT * FROM (\n";
    private static final int MOST_NAMES = 1_000;
    private static final int LONGEST_NAME = 200;

    private final Tool tool;
    private final JsonNode arguments;
    private final String idempotencyKey;
    private final StringBuilder text = new StringBuilder();
    private final List<@Nullable String> parameters = new ArrayList<>();

    private SqlRequestBuilder(Tool tool, JsonNode arguments, String idempotencyKey) {
        this.tool = tool;
        this.arguments = arguments;
        this.idempotencyKey = idempotencyKey;
    }

    /**
     * Builds one statement.
     *
     * @param address what the connector's base URL is for this connection
     * @param vendorCursor the place of the page to read, or null for the first
     * @param limit rows wanted in a page, or null for the argument {@code limit} or else the tool's standard
     * @param idempotencyKey bound where the statement has a parameter for it
     * @throws RequestProblemException where an argument cannot stand in its place, or the connection is incomplete
     */
    public static SqlRequest build(
            Connector connector,
            Tool tool,
            JsonNode arguments,
            StoredConnection connection,
            String address,
            @Nullable String vendorCursor,
            @Nullable Integer limit,
            String idempotencyKey)
            throws RequestProblemException {
        if (!(tool.action() instanceof Statement statement)) {
            throw new IllegalStateException("tool " + tool.name() + " has no statement (expected: executor sql)");
        }
        SqlRequest.Database database = database(connector, connection, address);
        return new SqlRequestBuilder(tool, arguments, idempotencyKey).request(statement, database, vendorCursor, limit);
    }

    private static SqlRequest.Database database(Connector connector, StoredConnection connection, String address)
            throws RequestProblemException {
        var record = connection.connection();
        if (!(connector.auth(record.authKind()) instanceof Auth.Password)) {
            throw RequestProblemException.ofConnection("connection " + record.id() + " authenticates by "
                    + record.authKind() + ", which " + connector.title() + " does not take (expected: "
                    + connector.auth().stream().map(Auth::kind).collect(Collectors.joining(", "))
                    + "); add the connection again");
        }
        String username = connection.secret().get("username");
        String password = connection.secret().get("password");
        if (username == null || password == null) {
            throw RequestProblemException.ofConnection("connection " + record.id()
                    + " lacks a part of its secret (expected: username and password); add the connection again");
        }
        URI host = URI.create(address.substring("jdbc:".length()));
        return new SqlRequest.Database(
                record.tenant() + "/" + record.id(),
                connection.version(),
                address,
                host.getHost(),
                Math.max(0, host.getPort()),
                driver(connector, record.variables()),
                username,
                password);
    }

    private static Map<String, String> driver(Connector connector, Map<String, String> variables)
            throws RequestProblemException {
        Map<String, String> properties = new LinkedHashMap<>();
        for (Map.Entry<String, TextTemplate> property : Objects.requireNonNull(
                        connector.database(), "database of executor sql")
                .driver()
                .entrySet()) {
            StringBuilder value = new StringBuilder();
            for (TextTemplate.Part part : property.getValue().parts()) {
                switch (part) {
                    case TextTemplate.Literal(String literal) -> value.append(literal);
                    case TextTemplate.Argument(String name, var _) ->
                        value.append(variable(connector, name, variables));
                }
            }
            properties.put(property.getKey(), value.toString());
        }
        return properties;
    }

    private static String variable(Connector connector, String name, Map<String, String> variables)
            throws RequestProblemException {
        try {
            Variable variable = Objects.requireNonNull(connector.variable(name), name);
            return variable.accept(variables.get(name));
        } catch (InvalidVariableException e) {
            throw RequestProblemException.ofConnection(String.valueOf(e.getMessage()));
        }
    }

    private SqlRequest request(
            Statement statement, SqlRequest.Database database, @Nullable String vendorCursor, @Nullable Integer limit)
            throws RequestProblemException {
        Paging paging = tool.paging();
        boolean wrapped = paging != null || statement.argument() != null;
        if (wrapped) {
            text.append(BEFORE);
        }
        if (statement.argument() != null) {
            query(statement.argument());
        } else {
            parts(statement, Objects.requireNonNull(statement.text(), "text of a statement without an argument"));
        }
        SqlRequest.Page page = null;
        if (wrapped) {
            text.append("\n) AS page");
        }
        if (paging != null && paging.way() instanceof Paging.Rows rows) {
            Integer size = AskedPage.size(paging, arguments, vendorCursor, limit);
            page = page(rows, vendorCursor, Objects.requireNonNull(size, "page size of a statement"));
        }
        boolean readOnly = tool.effect().readsOnly();
        return new SqlRequest(
                database,
                text.toString(),
                parameters,
                readOnly,
                page == null ? statement.maxRows() : page.size() + 1,
                page,
                statement.argument() == null ? null : Integer.valueOf(BEFORE.length()));
    }

    private void query(String argument) throws RequestProblemException {
        try {
            for (SqlText.Part part :
                    SqlText.query(arguments.path(argument).asString()).parts()) {
                text.append(((SqlText.Literal) part).text());
            }
        } catch (IllegalArgumentException wrong) {
            throw RequestProblemException.ofArgument(argument, String.valueOf(wrong.getMessage()));
        }
    }

    private void parts(Statement statement, SqlText sql) throws RequestProblemException {
        for (SqlText.Part part : sql.parts()) {
            switch (part) {
                case SqlText.Literal(String literal) -> text.append(literal);
                case SqlText.Names(String argument) -> text.append(names(argument));
                case SqlText.Parameter(String name) -> {
                    String type = statement.types().getOrDefault(name, "text");
                    text.append("CAST(? AS ").append(type).append(')');
                    parameters.add(
                            name.equals(Statement.IDEMPOTENCY_KEY)
                                    ? idempotencyKey
                                    : SqlValue.of(name, arguments.path(name), type));
                }
            }
        }
    }

    private String names(String argument) throws RequestProblemException {
        JsonNode value = arguments.path(argument);
        List<String> names = value.isObject()
                ? List.copyOf(value.propertyNames())
                : value.isArray() ? value.valueStream().map(JsonNode::asString).toList() : List.of(value.asString());
        if (names.isEmpty() || names.size() > MOST_NAMES) {
            throw RequestProblemException.ofArgument(
                    argument, names.size() + " names (expected: 1 to " + MOST_NAMES + ")");
        }
        List<String> quoted = new ArrayList<>();
        for (String name : names) {
            if (name.isEmpty() || name.length() > LONGEST_NAME || name.indexOf('\0') >= 0) {
                throw RequestProblemException.ofArgument(
                        argument, "'" + name.replace('\0', ' ') + "' is no name of a table or column");
            }
            quoted.add(quoted(name));
        }
        return String.join(", ", quoted);
    }

    /** A delimited identifier (ISO 9075-2, 5.2), which ends where it is meant to end. */
    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private SqlRequest.Page page(Paging.Rows paging, @Nullable String place, int size) throws RequestProblemException {
        if (paging.key().isEmpty()) {
            long skipped = place == null ? 0 : number(place);
            text.append(" LIMIT CAST(? AS bigint) OFFSET CAST(? AS bigint)");
            parameters.add(Integer.toString(size + 1));
            parameters.add(Long.toString(skipped));
            return new SqlRequest.Page(List.of(), skipped, size);
        }
        List<String> columns = List.copyOf(paging.key().keySet());
        String quoted = columns.stream().map(SqlRequestBuilder::quoted).collect(Collectors.joining(", "));
        if (place != null) {
            text.append(" WHERE (").append(quoted).append(paging.descending() ? ") < (" : ") > (");
            text.append(paging.key().values().stream()
                    .map(type -> "CAST(? AS " + type + ")")
                    .collect(Collectors.joining(", ")));
            text.append(')');
            parameters.addAll(values(place, columns.size()));
        }
        String direction = paging.descending() ? " DESC" : " ASC";
        text.append(" ORDER BY ")
                .append(columns.stream()
                        .map(column -> quoted(column) + direction)
                        .collect(Collectors.joining(", ")))
                .append(" LIMIT CAST(? AS bigint)");
        parameters.add(Integer.toString(size + 1));
        return new SqlRequest.Page(columns, 0, size);
    }

    private static long number(String place) throws RequestProblemException {
        try {
            return Long.parseLong(place);
        } catch (NumberFormatException notOurs) {
            throw RequestProblemException.ofCursor();
        }
    }

    private static List<String> values(String place, int count) throws RequestProblemException {
        try {
            JsonNode values = MAPPER.readTree(place);
            if (values.isArray() && values.size() == count) {
                return values.valueStream().map(JsonNode::asString).toList();
            }
        } catch (JacksonException notOurs) {
            // As if it were another list's.
        }
        throw RequestProblemException.ofCursor();
    }
}
