package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Any vendor whose wire shapes are described as data: routes, collections, envelopes, pages, errors and limits. The description's members are explained in
 * {@code docs/sandbox.md}.
 */
final class DescribedDialect implements Dialect {

    static final String NAME = "described";

    private final VendorState state;
    private final List<DescribedRoute> routes = new ArrayList<>();
    private final Map<String, DescribedRoute> byName = new LinkedHashMap<>();
    private final Map<String, DescribedRecords> collections = new LinkedHashMap<>();
    private final List<DescribedCheck> checks;
    private final DescribedErrors errors;
    private final DescribedLimits limits = new DescribedLimits();
    private final DescribedLists lists;
    private final DescribedWrites writes;
    private final IdempotencyKeys keys;

    DescribedDialect(VendorProfile profile, VendorState state) {
        this.state = state;
        JsonNode description = profile.description();
        for (RecordCollection collection : state.collections()) {
            collections.put(collection.profile().name(), new DescribedRecords(collection, state.pages()));
        }
        for (JsonNode node : description.path("routes")) {
            DescribedRoute route = DescribedRoute.read(node, description.path("paging"));
            if (route.collection() != null && !collections.containsKey(route.collection())) {
                throw new SandboxException(route.name() + ": collection " + route.collection() + " (expected: one of "
                        + collections.keySet() + ")");
            }
            routes.add(route);
            byName.put(route.name(), route);
        }
        routes.sort(Comparator.comparingInt(DescribedRoute::literalSegments).reversed());
        this.checks = DescribedCheck.read(description.path("checks"));
        this.errors = new DescribedErrors(description.path("errors"));
        this.lists = new DescribedLists(state);
        this.writes = new DescribedWrites(state);
        this.keys = new IdempotencyKeys(description.path("idempotency"));
    }

    @Override
    public Route route(String method, String path) {
        for (DescribedRoute route : routes) {
            Map<String, String> variables = route.methods().contains(method) ? route.match(path) : null;
            if (variables != null) {
                DescribedRecords records = records(route);
                return new Route(
                        route.name(),
                        route.effect().operation(),
                        records == null ? null : records.collection(),
                        variables.getOrDefault(route.id(), ""));
            }
        }
        return Route.UNKNOWN;
    }

    @Override
    public int cost(Route route) {
        DescribedRoute described = byName.get(route.name());
        return described == null ? 1 : described.cost();
    }

    @Override
    public String window(HttpExchange exchange, VendorLimit limit, Route route) {
        if (limit.per() != VendorLimit.Per.ARGUMENT) {
            return Dialect.super.window(exchange, limit, route);
        }
        return limit.name() + " " + arguments(exchange, route).text(limit.argument());
    }

    @Override
    public void answer(HttpExchange exchange, Route route, Quirk quirk) {
        ReplyValues values = values(exchange, route);
        DescribedRoute described = byName.get(route.name());
        if (described == null) {
            errors.write(exchange, "unknown_route", values);
            return;
        }
        String key = keys.key(exchange);
        if (key != null && keys.isTooLong(exchange)) {
            errors.write(exchange, "idempotency_key_too_long", values);
            return;
        }
        if (key != null && keys.mismatches(key, exchange)) {
            errors.write(exchange, "idempotency_mismatch", values);
            return;
        }
        if (key != null && keys.replays(key, exchange)) {
            return;
        }
        String error = refusal(exchange, described, values);
        if (error == null) {
            error = carryOut(exchange, described, values, quirk);
        }
        if (error != null) {
            errors.write(exchange, error, values);
        } else if (key != null) {
            keys.keep(key, exchange);
        }
    }

    private @Nullable String refusal(HttpExchange exchange, DescribedRoute route, ReplyValues values) {
        if (!values.arguments().readable()) {
            return "unreadable";
        }
        for (List<DescribedCheck> all : List.of(checks, route.checks())) {
            for (DescribedCheck check : all) {
                if (!check.holds(exchange, values.arguments(), collections)) {
                    values.put("argument", check.argument());
                    return check.error();
                }
            }
        }
        return null;
    }

    /** The error's name, or null after an answer. */
    private @Nullable String carryOut(HttpExchange exchange, DescribedRoute route, ReplyValues values, Quirk quirk) {
        DescribedRecords records = records(route);
        String error = switch (route.effect()) {
            case LIST -> lists.list(exchange, route, required(route, records), values, quirk);
            case GET -> writes.get(route, required(route, records), values);
            case CREATE -> writes.create(route, required(route, records), values);
            case UPDATE -> writes.update(route, required(route, records), values);
            case DELETE -> writes.delete(route, required(route, records), values);
            case REPLY -> {
                DescribedSeries.put(route.series(), values);
                yield null;
            }
            case ACT -> writes.act(route, values);
        };
        if (error == null && route.effect() != DescribedRoute.Effect.LIST) {
            reply(exchange, route, values);
        }
        return error;
    }

    static void reply(HttpExchange exchange, DescribedRoute route, ReplyValues values) {
        exchange.status(route.status());
        DescribedErrors.headers(exchange, route.headers(), values);
        if (route.reply() != null) {
            route.reply().write(Wire.json(exchange), values);
        } else if (route.text() != null) {
            exchange.answer().clear().text(ReplyTemplate.fill(route.text(), values));
        }
    }

    private static DescribedRecords required(DescribedRoute route, @Nullable DescribedRecords records) {
        if (records == null) {
            throw new SandboxException(route.name() + ": no collection (expected: one for " + route.effect() + ")");
        }
        return records;
    }

    private @Nullable DescribedRecords records(DescribedRoute route) {
        return route.collection() == null ? null : collections.get(route.collection());
    }

    private RequestArguments arguments(HttpExchange exchange, Route route) {
        DescribedRoute described = byName.get(route.name());
        Map<String, String> variables = described == null ? null : described.match(exchange.path());
        return RequestArguments.read(exchange, variables == null ? Map.of() : variables);
    }

    private ReplyValues values(HttpExchange exchange, Route route) {
        return new ReplyValues(state, arguments(exchange, route), exchange.path());
    }

    private ReplyValues values(HttpExchange exchange) {
        return values(exchange, route(exchange.method(), exchange.path()));
    }

    @Override
    public void unauthorized(HttpExchange exchange, @Nullable TokenState tokenState) {
        boolean expired = tokenState == TokenState.EXPIRED && errors.knows("expired");
        errors.write(exchange, expired ? "expired" : "unauthorized", values(exchange));
    }

    @Override
    public void forbidden(HttpExchange exchange) {
        errors.write(exchange, "forbidden", values(exchange));
    }

    @Override
    public void throttled(HttpExchange exchange, VendorLimit limit, Room room) {
        ReplyValues values =
                limits.put(values(exchange), limit, room, state.nowMillis().getAsLong());
        DescribedErrors.headers(exchange, DescribedRoute.headers(limit.traits().path("headers")), values);
        errors.write(exchange, limit.traits().path("error").asString("throttled"), values);
    }

    @Override
    public void limitHeaders(HttpExchange exchange, VendorLimit limit, Room room) {
        JsonNode headers = limit.traits().path("headers");
        if (headers.isObject()) {
            ReplyValues values =
                    limits.put(values(exchange), limit, room, state.nowMillis().getAsLong());
            DescribedErrors.headers(exchange, DescribedRoute.headers(headers), values);
        }
    }

    @Override
    public void failed(HttpExchange exchange, int status) {
        ReplyValues values = values(exchange);
        String named = switch (status) {
            case 401 -> errors.knows("expired") ? "expired" : "unauthorized";
            case 403 -> "forbidden";
            case 404 -> "not_found";
            case 429 -> "throttled";
            default -> "";
        };
        if (!named.isEmpty() && !errors.knows("status_" + status)) {
            errors.write(
                    exchange, named, limits.putUnknown(values, state.nowMillis().getAsLong()));
        } else {
            errors.failed(
                    exchange,
                    status,
                    limits.putUnknown(values, state.nowMillis().getAsLong()));
        }
    }
}
