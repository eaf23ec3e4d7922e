package dev.toolpost.scheduler.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Finds who answers a path. Paths are written {@code /jobs/{id}}: a place in braces takes one segment, whatever it is; a path without such
 * places goes before one with them. Only questions are asked here: GET and HEAD. Thread-safe.
 */
public final class Router {

    /** Answers; runs on a virtual thread and may block. */
    @FunctionalInterface
    public interface Handler {
        Answer answer(Request request) throws InterruptedException;
    }

    private record Route(List<String> segments, Handler handler) {

        Optional<Map<String, String>> match(List<String> path) {
            if (path.size() != segments.size()) {
                return Optional.empty();
            }
            Map<String, String> variables = new HashMap<>();
            for (int i = 0; i < path.size(); i++) {
                String segment = segments.get(i);
                if (segment.startsWith("{")) {
                    variables.put(segment.substring(1, segment.length() - 1), path.get(i));
                } else if (!segment.equals(path.get(i))) {
                    return Optional.empty();
                }
            }
            return Optional.of(variables);
        }

        long places() {
            return segments.stream().filter(segment -> segment.startsWith("{")).count();
        }
    }

    private final List<Route> routes = new CopyOnWriteArrayList<>();

    /**
     * Adds a path.
     *
     * @throws IllegalArgumentException where it is taken
     */
    public synchronized void get(String path, Handler handler) {
        Route added = new Route(segments(path), handler);
        if (routes.stream().anyMatch(route -> route.segments.equals(added.segments))) {
            throw new IllegalArgumentException(path + " has a handler already (expected: a path of its own)");
        }
        List<Route> all = new ArrayList<>(routes);
        all.add(added);
        all.sort((one, other) -> Long.compare(one.places(), other.places()));
        routes.clear();
        routes.addAll(all);
    }

    /** Paths there are, as they were given. */
    public Collection<String> paths() {
        return routes.stream()
                .map(route -> "/" + String.join("/", route.segments))
                .sorted()
                .toList();
    }

    /**
     * The answer, also where nobody has that path or the handler refuses.
     *
     * @param path encoded, as it was asked: a slash that is encoded is part of its segment
     */
    Answer answer(String path, Map<String, String> query) throws InterruptedException {
        List<String> segments = segments(path).stream().map(Router::decoded).toList();
        for (Route route : routes) {
            Optional<Map<String, String>> variables = route.match(segments);
            if (variables.isPresent()) {
                try {
                    return route.handler.answer(new Request(path, variables.get(), query));
                } catch (BadRequestException wrong) {
                    return Answer.error(400, String.valueOf(wrong.getMessage()));
                }
            }
        }
        return Answer.error(404, path + " (expected: one of " + paths() + ")");
    }

    private static String decoded(String segment) {
        try {
            // A plus is a plus in a path.
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return segment;
        }
    }

    private static List<String> segments(String path) {
        return List.of(path.substring(path.startsWith("/") ? 1 : 0).split("/", -1));
    }
}
