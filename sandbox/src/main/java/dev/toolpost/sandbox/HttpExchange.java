package dev.toolpost.sandbox;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request and the answer to it. There is one for the whole loop, valid until the handler returns; a delayed answer is already written
 * down by then. Exactly one of the methods that answer or break off is called.
 */
final class HttpExchange {

    private static final int MAX_HEADERS = 100;
    private static final byte[] VERSION = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LENGTH = "\r\nContent-Length: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LINE = "\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] COLON = ": ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = {};
    private static final Map<Integer, String> REASONS = Map.ofEntries(
            Map.entry(200, "OK"),
            Map.entry(201, "Created"),
            Map.entry(204, "No Content"),
            Map.entry(207, "Multi-Status"),
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(409, "Conflict"),
            Map.entry(415, "Unsupported Media Type"),
            Map.entry(422, "Unprocessable Content"),
            Map.entry(429, "Too Many Requests"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(502, "Bad Gateway"),
            Map.entry(503, "Service Unavailable"),
            Map.entry(504, "Gateway Timeout"));

    private final HttpLoop loop;

    // The request.
    private byte[] bytes = NOTHING;
    private String method = "";
    private String path = "";
    private @Nullable String query;
    private boolean http10;
    private int headers;
    private final int[] nameStart = new int[MAX_HEADERS];
    private final int[] nameEnd = new int[MAX_HEADERS];
    private final int[] valueStart = new int[MAX_HEADERS];
    private final int[] valueEnd = new int[MAX_HEADERS];
    private byte[] bodyBytes = NOTHING;
    private int bodyStart;
    private int bodyLength;
    private long arrivedNanos;
    private final ByteText chunks = new ByteText(4096);

    // The answer.
    private @Nullable HttpConnection connection;
    private int status;
    private final ByteText head = new ByteText(1024);
    private final ByteText extra = new ByteText(1024);
    private final ByteText body = new ByteText(1 << 16);
    private boolean answered;

    HttpExchange(HttpLoop loop) {
        this.loop = loop;
    }

    /** Whether the bytes are a request's head. */
    boolean parseHead(byte[] in, int start, int headEnd) {
        bytes = in;
        headers = 0;
        int lineEnd = indexOf(in, (byte) '\r', start, headEnd);
        int methodEnd = indexOf(in, (byte) ' ', start, lineEnd);
        int targetEnd = methodEnd < 0 ? -1 : indexOf(in, (byte) ' ', methodEnd + 1, lineEnd);
        if (targetEnd < 0 || lineEnd - targetEnd != 9) {
            return false;
        }
        http10 = in[lineEnd - 1] == '0';
        method = method(in, start, methodEnd);
        int targetStart = methodEnd + 1;
        int mark = indexOf(in, (byte) '?', targetStart, targetEnd);
        int pathEnd = mark < 0 ? targetEnd : mark;
        path = new String(in, targetStart, pathEnd - targetStart, StandardCharsets.ISO_8859_1);
        query = mark < 0 ? null : new String(in, mark + 1, targetEnd - mark - 1, StandardCharsets.ISO_8859_1);
        int at = lineEnd + 2;
        while (in[at] != '\r') {
            int end = indexOf(in, (byte) '\r', at, headEnd);
            int colon = indexOf(in, (byte) ':', at, end);
            if (colon <= at || headers == MAX_HEADERS) {
                return false;
            }
            int from = colon + 1;
            while (from < end && (in[from] == ' ' || in[from] == '\t')) {
                from++;
            }
            int to = end;
            while (to > from && (in[to - 1] == ' ' || in[to - 1] == '\t')) {
                to--;
            }
            nameStart[headers] = at;
            nameEnd[headers] = colon;
            valueStart[headers] = from;
            valueEnd[headers] = to;
            headers++;
            at = end + 2;
        }
        return contentLength() >= 0;
    }

    boolean chunked() {
        return headerContains("transfer-encoding", "chunked");
    }

    /** -1 when the header is no length. */
    long contentLength() {
        int index = find("content-length");
        if (index < 0) {
            return 0;
        }
        long length = 0;
        for (int i = valueStart[index]; i < valueEnd[index]; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9 || length > Integer.MAX_VALUE) {
                return -1;
            }
            length = length * 10 + digit;
        }
        return length;
    }

    boolean keepAlive() {
        return http10 ? headerContains("connection", "keep-alive") : !headerContains("connection", "close");
    }

    boolean expectsContinue() {
        return headerContains("expect", "100-continue");
    }

    ByteText chunks() {
        return chunks.clear();
    }

    void body(byte[] in, int from, int length) {
        bodyBytes = in;
        bodyStart = from;
        bodyLength = length;
    }

    void begin(HttpConnection of) {
        connection = of;
        arrivedNanos = System.nanoTime();
        status = 200;
        extra.clear();
        body.clear();
        answered = false;
    }

    void end() {
        if (!answered) {
            throw new IllegalStateException("Nobody answered " + method + " " + path);
        }
        connection = null;
    }

    /** When the whole request was there, on this process's monotonic clock. */
    long arrivedNanos() {
        return arrivedNanos;
    }

    String method() {
        return method;
    }

    /** The path as it was sent, still percent-encoded. */
    String path() {
        return path;
    }

    /** The query as it was sent, or null. */
    @Nullable
    String rawQuery() {
        return query;
    }

    /** A parameter of the query, decoded, or null. */
    @Nullable
    String query(String name) {
        String all = query;
        if (all == null) {
            return null;
        }
        int at = 0;
        while (at < all.length()) {
            int next = all.indexOf('&', at);
            int end = next < 0 ? all.length() : next;
            if (all.startsWith(name, at) && at + name.length() < end && all.charAt(at + name.length()) == '=') {
                return decode(all.substring(at + name.length() + 1, end));
            }
            at = end + 1;
        }
        return null;
    }

    /** Percent-decoding that leaves what cannot be decoded as it is. */
    static String decode(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /** A request header's value by its lower-case name, or null. */
    @Nullable
    String header(String lowerCaseName) {
        int index = find(lowerCaseName);
        return index < 0
                ? null
                : new String(bytes, valueStart[index], valueEnd[index] - valueStart[index], StandardCharsets.UTF_8);
    }

    byte[] body() {
        return Arrays.copyOfRange(bodyBytes, bodyStart, bodyStart + bodyLength);
    }

    boolean hasBody() {
        return bodyLength > 0;
    }

    HttpExchange status(int newStatus) {
        status = newStatus;
        return this;
    }

    int status() {
        return status;
    }

    HttpExchange header(String name, String value) {
        extra.raw(LINE).text(name).raw(COLON).text(value);
        return this;
    }

    HttpExchange header(byte[] nameWithColon, long value) {
        extra.raw(LINE).raw(nameWithColon).number(value);
        return this;
    }

    /** Takes back the headers and body written so far. */
    HttpExchange blank() {
        extra.clear();
        body.clear();
        return this;
    }

    /** Where the answer's body is written. */
    ByteText answer() {
        return body;
    }

    /** Sends the answer, not before so many nanoseconds from now. */
    void send(long delayNanos) {
        finishHead(body.length(), false);
        if (delayNanos <= 0) {
            on(to -> to.send(head, visibleBody(), true));
        } else {
            byte[] all = wire(body.length());
            later(delayNanos, to -> to.send(all, true));
        }
    }

    void send() {
        send(0);
    }

    /** Sends bytes that need not be HTTP, and closes. */
    void sendRaw(byte[] raw, long delayNanos) {
        later(delayNanos, to -> {
            to.closeAfterAnswer();
            to.send(raw, true);
        });
    }

    /** Sends the head and so much of the body, then nothing, and leaves the connection open. */
    void stallAfter(int bodyBytesSent, long delayNanos) {
        promiseBody();
        finishHead(Math.max(body.length(), bodyBytesSent + 1), false);
        byte[] all = wire(Math.min(body.length(), bodyBytesSent));
        later(delayNanos, to -> to.send(all, false));
    }

    /** Sends the head and half of the body, then closes. */
    void truncate(long delayNanos) {
        promiseBody();
        finishHead(Math.max(body.length(), 1), false);
        byte[] all = wire(body.length() / 2);
        later(delayNanos, to -> {
            to.closeAfterAnswer();
            to.send(all, true);
        });
    }

    /** Sends the body, then a chunk again and again. */
    void endless(byte[] chunk, long delayNanos) {
        promiseBody();
        finishHead(0, true);
        byte[] prefix = body.length() == 0 ? head.toByteArray() : join(head.toByteArray(), chunk(body.toByteArray()));
        byte[] repeated = chunk(chunk);
        later(delayNanos, to -> {
            to.send(prefix, false);
            to.sendEndlessly(repeated);
        });
    }

    /** Never answers. */
    void silence() {
        answered = true;
    }

    /** Breaks the connection off with a TCP reset. */
    void reset(long delayNanos) {
        later(delayNanos, HttpConnection::reset);
    }

    /** A 204 has no body that could break off. */
    private void promiseBody() {
        if (status == 204) {
            status = 200;
        }
    }

    private interface Action {
        void on(HttpConnection connection) throws IOException;
    }

    private void on(Action action) {
        answered = true;
        HttpConnection to = connection;
        if (to != null) {
            run(to, action);
        }
    }

    private void later(long delayNanos, Action action) {
        if (delayNanos <= 0) {
            on(action);
            return;
        }
        answered = true;
        HttpConnection to = connection;
        if (to != null) {
            loop.at(System.nanoTime() + delayNanos, () -> {
                if (to.isOpen()) {
                    run(to, action);
                }
            });
        }
    }

    private static void run(HttpConnection to, Action action) {
        try {
            action.on(to);
        } catch (IOException e) {
            to.closeNow();
        }
    }

    private ByteText visibleBody() {
        return method.equals("HEAD") ? body.clear() : body;
    }

    private void finishHead(int length, boolean chunkedAnswer) {
        head.clear().raw(VERSION).digits(status, 3).raw((byte) ' ').text(REASONS.getOrDefault(status, "Status"));
        head.raw(extra.array(), 0, extra.length());
        if (chunkedAnswer) {
            head.text("\r\nTransfer-Encoding: chunked");
        } else if (status != 204) {
            head.raw(LENGTH).number(length);
        }
        if (!keepAlive()) {
            head.text("\r\nConnection: close");
        }
        head.raw(END);
    }

    private byte[] wire(int bodyCount) {
        byte[] all = Arrays.copyOf(head.array(), head.length() + bodyCount);
        System.arraycopy(body.array(), 0, all, head.length(), bodyCount);
        return all;
    }

    private static byte[] chunk(byte[] content) {
        byte[] size = (Integer.toHexString(content.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        return join(join(size, content), LINE);
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private boolean headerContains(String lowerCaseName, String lowerCaseToken) {
        int index = find(lowerCaseName);
        if (index < 0) {
            return false;
        }
        for (int at = valueStart[index]; at + lowerCaseToken.length() <= valueEnd[index]; at++) {
            if (matches(at, lowerCaseToken)) {
                return true;
            }
        }
        return false;
    }

    private int find(String lowerCaseName) {
        for (int i = 0; i < headers; i++) {
            if (nameEnd[i] - nameStart[i] == lowerCaseName.length() && matches(nameStart[i], lowerCaseName)) {
                return i;
            }
        }
        return -1;
    }

    private boolean matches(int at, String lowerCase) {
        for (int i = 0; i < lowerCase.length(); i++) {
            byte b = bytes[at + i];
            int lower = b >= 'A' && b <= 'Z' ? b + 32 : b;
            if (lower != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static String method(byte[] in, int start, int end) {
        if (end - start == 3 && in[start] == 'G') {
            return "GET";
        }
        if (end - start == 4 && in[start] == 'P' && in[start + 1] == 'O') {
            return "POST";
        }
        return new String(in, start, end - start, StandardCharsets.ISO_8859_1);
    }

    private static int indexOf(byte[] in, byte wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (in[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
