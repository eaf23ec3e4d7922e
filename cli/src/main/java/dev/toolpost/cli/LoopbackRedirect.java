package dev.toolpost.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where a vendor sends a person's browser back to (RFC 8252, 7.3): a listener on 127.0.0.1 alone, for one answer. It keeps no log, since what comes holds a code.
 * Thread-safe.
 */
final class LoopbackRedirect implements AutoCloseable {
    private static final String PATH = "/callback";
    private static final int LARGEST_HEAD = 16 * 1024;
    private static final int READ_MILLIS = 5_000;

    private final ServerSocket server;
    private final Predicate<@Nullable String> mine;
    private final Consumer<String> told;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();

    /** What a browser brings back. */
    sealed interface Answer {
        /** A code that can be exchanged for tokens. */
        record Code(String code) implements Answer {
            @Override
            public String toString() {
                return "Code[redacted]";
            }
        }

        /** The vendor gave none. */
        record Refused(String error, String description) implements Answer {}

        /** Nobody answered in time. */
        record TimedOut() implements Answer {}

        /** What the parameters of an address say; null where they belong to another question. */
        static @Nullable Answer of(String query, Predicate<@Nullable String> mine) {
            Map<String, String> parameters = parameters(query);
            if (!mine.test(parameters.get("state"))) {
                return null;
            }
            String error = parameters.get("error");
            String code = parameters.getOrDefault("code", "");
            if (error != null || code.isEmpty()) {
                return new Refused(error == null ? "no code" : error, parameters.getOrDefault("error_description", ""));
            }
            return new Code(code);
        }
    }

    /**
     * Begins to listen.
     *
     * @param port 0 for any
     * @param mine whether a state is that of the question
     * @param told of answers that are refused
     */
    LoopbackRedirect(int port, Predicate<@Nullable String> mine, Consumer<String> told) throws IOException {
        this.mine = mine;
        this.told = told;
        this.server = new ServerSocket();
        try {
            server.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 16);
        } catch (IOException taken) {
            server.close();
            throw taken;
        }
        Thread.ofPlatform().daemon().name("redirect").start(this::accept);
    }

    /** The address that is told to the vendor. */
    URI uri(String host) {
        return URI.create("http://" + host + ":" + server.getLocalPort() + PATH);
    }

    Answer await(Duration bound) throws InterruptedException {
        try {
            return answer.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            return new Answer.TimedOut();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("nothing fails the answer", impossible);
        }
    }

    /** Browsers open connections ahead and leave them idle, so each has a thread. */
    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().name("redirect").start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setSoTimeout(READ_MILLIS);
            String target = target(socket.getInputStream());
            if (target != null) {
                socket.getOutputStream().write(answered(target).getBytes(StandardCharsets.UTF_8));
                socket.getOutputStream().flush();
            }
        } catch (IOException gone) {
            // The browser has gone; one that has brought the answer is not needed any more.
            return;
        }
    }

    /** The target of a GET, or null. */
    private static @Nullable String target(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        int next;
        while (head.length() < LARGEST_HEAD && (next = in.read()) >= 0) {
            head.append((char) next);
            if (next == '\n' && (head.indexOf("\r\n\r\n") >= 0 || head.indexOf("\n\n") >= 0)) {
                String[] line = head.substring(0, head.indexOf("\n")).strip().split(" ", -1);
                return line.length == 3 && line[0].equals("GET") ? line[1] : "";
            }
        }
        return null;
    }

    private String answered(String target) {
        int mark = target.indexOf('?');
        if (!(mark < 0 ? target : target.substring(0, mark)).equals(PATH)) {
            return page("404 Not Found", "There is nothing here.");
        }
        Answer brought = Answer.of(mark < 0 ? "" : target.substring(mark + 1), mine);
        if (brought == null) {
            told.accept(
                    "An answer with a wrong state was refused: it belongs to another authorisation, or somebody made"
                            + " it up. Waiting goes on.");
            return page("400 Bad Request", "This answer belongs to another authorisation and was refused.");
        }
        boolean first = answer.complete(brought);
        return page(
                "200 OK",
                !first
                        ? "This authorisation was answered already."
                        : brought instanceof Answer.Code
                                ? "Toolpost has what it needs. You can close this page; the terminal says how it went."
                                : "The vendor gave no authorisation. The terminal says why; you can close this page.");
    }

    /** Nothing of the request stands in it. */
    private static String page(String status, String text) {
        String body = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Toolpost</title><p>" + text
                + "</p></html>\n";
        return "HTTP/1.1 " + status + "\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: "
                + body.length()
                + "\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff"
                + "\r\nContent-Security-Policy: default-src 'none'\r\nConnection: close\r\n\r\n" + body;
    }

    /** What cannot be read is as good as not there: the state then does not fit. */
    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals > 0 ? decoded(pair.substring(0, equals)) : null;
            String value = name == null ? null : decoded(pair.substring(equals + 1));
            if (name != null && value != null) {
                parameters.putIfAbsent(name, value);
            }
        }
        return parameters;
    }

    private static @Nullable String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException unreadable) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException gone) {
            return;
        }
    }
}
