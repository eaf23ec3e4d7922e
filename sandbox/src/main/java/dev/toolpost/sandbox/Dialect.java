package dev.toolpost.sandbox;

import org.jspecify.annotations.Nullable;

/** How a vendor speaks: which request means what, and how answers, pages, limits and errors look on the wire. Called on the loop's thread. */
interface Dialect {

    /** The name of the limit of requests that are under way at once. */
    String CONCURRENCY = "CONCURRENCY";

    /** What a request asks for. */
    enum Operation {
        LIST,
        GET,
        CREATE,
        UPDATE,
        ARCHIVE,
        SEARCH,
        UPSERT,
        COMMENT,
        LIST_TRANSITIONS,
        TRANSITION,
        NEXT_PAGE,
        SITES,
        /** A write that leaves no record behind. */
        ACT,
        UNKNOWN;

        boolean writes() {
            return switch (this) {
                case CREATE, UPDATE, ARCHIVE, UPSERT, COMMENT, TRANSITION, ACT -> true;
                case LIST, GET, SEARCH, LIST_TRANSITIONS, NEXT_PAGE, SITES, UNKNOWN -> false;
            };
        }
    }

    /** A request's meaning; the name is the same for all ids. */
    record Route(String name, Operation operation, @Nullable RecordCollection collection, String id) {
        static final Route UNKNOWN = new Route("unknown", Operation.UNKNOWN, null, "");
    }

    /** Departures from the right answer that only the vendor's own shape can express. */
    enum Quirk {
        NONE,
        REPEAT_CURSOR,
        FOREIGN_LINK
    }

    /** Dialects by their names in the profiles. */
    static Dialect of(VendorProfile profile, VendorState state) {
        return switch (profile.dialect()) {
            case "hubspot" -> new HubSpotDialect(state);
            case "salesforce" -> new SalesforceDialect(state);
            case "jira" -> new JiraDialect(state);
            case DescribedDialect.NAME -> new DescribedDialect(profile, state);
            default ->
                throw new SandboxException("Dialect " + profile.dialect() + " (expected: hubspot, salesforce, jira or "
                        + DescribedDialect.NAME + ")");
        };
    }

    Route route(String method, String path);

    /** Carries the request out and writes the answer. */
    void answer(HttpExchange exchange, Route route, Quirk quirk);

    void unauthorized(HttpExchange exchange, @Nullable TokenState state);

    /** The token may read, and this is a write. */
    void forbidden(HttpExchange exchange);

    void throttled(HttpExchange exchange, VendorLimit limit, Room room);

    /** Headers that tell the client where it stands. */
    void limitHeaders(HttpExchange exchange, VendorLimit limit, Room room);

    /** What a request counts for in limits by costs. */
    default int cost(Route route) {
        return 1;
    }

    /** Which window of an account a request belongs to. */
    default String window(HttpExchange exchange, VendorLimit limit, Route route) {
        return switch (limit.per()) {
            case ACCOUNT, VENDOR, ARGUMENT -> limit.name();
            case ROUTE -> limit.name() + " " + route.name();
            case RECORD -> limit.name() + " " + route.id();
        };
    }

    /** An answer with a status that was asked for by a fault. */
    void failed(HttpExchange exchange, int status);
}
