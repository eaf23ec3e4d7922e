package dev.toolpost.sandbox;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One client's connection: bytes received, bytes still to be sent. Belongs to the loop's thread. One request at a time is under way. */
final class HttpConnection {

    private static final int MAX_HEAD = 64 << 10;
    private static final int MAX_BODY = 16 << 20;
    private static final int KEEP = 16 << 10;
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final HttpLoop loop;
    private final SocketChannel channel;
    private final SelectionKey key;

    private byte[] in = new byte[2048];
    private int start;
    private int end;
    private int scanned;
    private boolean continued;

    /** A request was taken and its answer is not fully sent. */
    private boolean busy;

    /** The end of the answer is written or waits in {@link #unsent}. */
    private boolean lastQueued;

    private boolean closeAfter;
    private boolean clientEnded;
    private @Nullable ArrayDeque<ByteBuffer> unsent;
    private byte @Nullable [] endless;

    HttpConnection(HttpLoop loop, SocketChannel channel, SelectionKey key) {
        this.loop = loop;
        this.channel = channel;
        this.key = key;
    }

    void ready(SelectionKey ready) throws IOException {
        if (ready.isValid() && ready.isWritable()) {
            flush();
        }
        if (ready.isValid() && ready.isReadable()) {
            read();
        }
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /** Handles the next request if all of it has arrived. */
    void process() throws IOException {
        while (!busy && channel.isOpen() && end > start) {
            int headEnd = findHeadEnd();
            if (headEnd < 0) {
                if (end - start > MAX_HEAD) {
                    refuse(431, "Request Header Fields Too Large");
                }
                return;
            }
            HttpExchange exchange = loop.exchange;
            if (!exchange.parseHead(in, start, headEnd)) {
                refuse(400, "Bad Request");
                return;
            }
            int next = exchange.chunked() ? takeChunks(exchange, headEnd) : takeBody(exchange, headEnd);
            if (next < 0) {
                return;
            }
            exchange.begin(this);
            busy = true;
            continued = false;
            closeAfter = !exchange.keepAlive();
            consume(next);
            loop.handle(exchange);
            exchange.end();
        }
    }

    /** Sends a part of an answer; the last one makes way for the next request. */
    void send(ByteText head, ByteText body, boolean last) throws IOException {
        ByteBuffer buffer = loop.writeBuffer;
        int total = head.length() + body.length();
        if (unsent == null && total <= buffer.capacity()) {
            buffer.clear();
            buffer.put(head.array(), 0, head.length())
                    .put(body.array(), 0, body.length())
                    .flip();
            channel.write(buffer);
            if (buffer.hasRemaining()) {
                keep(copyOf(buffer));
            }
        } else {
            byte[] all = Arrays.copyOf(head.array(), total);
            System.arraycopy(body.array(), 0, all, head.length(), body.length());
            keep(ByteBuffer.wrap(all));
        }
        if (last) {
            finishWhenSent();
        }
    }

    void send(byte[] bytes, boolean last) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        if (unsent == null) {
            channel.write(rest);
        }
        if (rest.hasRemaining()) {
            keep(rest);
        }
        if (last) {
            finishWhenSent();
        }
    }

    /** Repeats a chunk for as long as the client takes it. */
    void sendEndlessly(byte[] chunk) throws IOException {
        endless = chunk;
        key.interestOps(SelectionKey.OP_WRITE | SelectionKey.OP_READ);
    }

    void closeAfterAnswer() {
        closeAfter = true;
    }

    /** Breaks the connection off with a TCP reset. */
    void reset() {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // Already gone.
        }
        closeNow();
    }

    void closeNow() {
        busy = true;
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing to save.
        }
    }

    private void read() throws IOException {
        ByteBuffer buffer = loop.readBuffer;
        buffer.clear();
        int count = channel.read(buffer);
        if (count < 0) {
            clientEnded = true;
            // An answer still on its way may reach a client that only closed its sending side.
            if (!busy) {
                closeNow();
            } else {
                key.interestOps(key.interestOps() & ~SelectionKey.OP_READ);
            }
            return;
        }
        buffer.flip();
        append(buffer);
        if (!busy) {
            process();
        } else if (end - start > MAX_HEAD + MAX_BODY) {
            closeNow();
        }
    }

    private void append(ByteBuffer buffer) {
        int count = buffer.remaining();
        if (in.length - end < count) {
            int held = end - start;
            byte[] target = in.length - held >= count ? in : new byte[Math.max(held + count, 2 * in.length)];
            System.arraycopy(in, start, target, 0, held);
            in = target;
            scanned -= start;
            start = 0;
            end = held;
        }
        buffer.get(in, end, count);
        end += count;
    }

    private void consume(int next) {
        start = next;
        scanned = next;
        if (start == end) {
            start = 0;
            end = 0;
            scanned = 0;
            if (in.length > KEEP) {
                in = new byte[2048];
            }
        }
    }

    /** The place after the empty line, or -1. */
    private int findHeadEnd() {
        for (int i = Math.max(start, scanned - 3); i + 3 < end; i++) {
            if (in[i] == '\r' && in[i + 1] == '\n' && in[i + 2] == '\r' && in[i + 3] == '\n') {
                return i + 4;
            }
        }
        scanned = end;
        return -1;
    }

    private int takeBody(HttpExchange exchange, int headEnd) throws IOException {
        long length = exchange.contentLength();
        if (length > MAX_BODY) {
            refuse(413, "Content Too Large");
            return -1;
        }
        if (end - headEnd < length) {
            invite(exchange);
            return -1;
        }
        exchange.body(in, headEnd, (int) length);
        return headEnd + (int) length;
    }

    private int takeChunks(HttpExchange exchange, int headEnd) throws IOException {
        ByteText whole = exchange.chunks();
        int at = headEnd;
        while (true) {
            int lineEnd = lineEnd(at);
            if (lineEnd < 0) {
                break;
            }
            int size = chunkSize(at, lineEnd);
            if (size < 0 || whole.length() + (long) size > MAX_BODY) {
                refuse(size < 0 ? 400 : 413, "Bad Chunk");
                return -1;
            }
            at = lineEnd + 2;
            if (size == 0) {
                int trailerEnd = lineEnd(at);
                while (trailerEnd > at) {
                    at = trailerEnd + 2;
                    trailerEnd = lineEnd(at);
                }
                if (trailerEnd < 0) {
                    break;
                }
                exchange.body(whole.array(), 0, whole.length());
                return trailerEnd + 2;
            }
            if (end - at < size + 2) {
                break;
            }
            whole.raw(in, at, size);
            at += size + 2;
        }
        invite(exchange);
        return -1;
    }

    private int lineEnd(int from) {
        for (int i = from; i + 1 < end; i++) {
            if (in[i] == '\r' && in[i + 1] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private int chunkSize(int from, int lineEnd) {
        int size = 0;
        int digits = 0;
        for (int i = from; i < lineEnd && in[i] != ';'; i++) {
            int digit = Character.digit(in[i], 16);
            if (digit < 0 || ++digits > 7) {
                return -1;
            }
            size = size << 4 | digit;
        }
        return digits == 0 ? -1 : size;
    }

    private void invite(HttpExchange exchange) throws IOException {
        if (!continued && exchange.expectsContinue()) {
            continued = true;
            send(CONTINUE, false);
        }
    }

    private void refuse(int status, String reason) throws IOException {
        busy = true;
        closeAfter = true;
        send(
                ("HTTP/1.1 " + status + " " + reason + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII),
                true);
    }

    private void keep(ByteBuffer rest) {
        if (unsent == null) {
            unsent = new ArrayDeque<>();
        }
        unsent.add(rest);
        key.interestOps(key.interestOps() | SelectionKey.OP_WRITE);
    }

    private static ByteBuffer copyOf(ByteBuffer buffer) {
        byte[] rest = new byte[buffer.remaining()];
        buffer.get(rest);
        return ByteBuffer.wrap(rest);
    }

    private void finishWhenSent() throws IOException {
        lastQueued = true;
        if (unsent == null) {
            finished();
        }
    }

    private void finished() throws IOException {
        lastQueued = false;
        busy = false;
        if (closeAfter || clientEnded) {
            closeNow();
        } else if (end > start) {
            loop.again(this);
        }
    }

    private void flush() throws IOException {
        ArrayDeque<ByteBuffer> waiting = unsent;
        while (waiting != null && !waiting.isEmpty()) {
            ByteBuffer first = waiting.element();
            channel.write(first);
            if (first.hasRemaining()) {
                return;
            }
            waiting.remove();
        }
        unsent = null;
        byte[] again = endless;
        if (again != null) {
            keep(ByteBuffer.wrap(again));
            return;
        }
        key.interestOps(clientEnded ? 0 : SelectionKey.OP_READ);
        if (lastQueued) {
            finished();
        }
    }
}
