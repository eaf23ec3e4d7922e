package dev.toolpost.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** A client that is as light as Java allows: keep-alive connections, one request at a time on each. */
final class VendorLoad {

    /** What came of a stretch of load; processor time is the vendor's. */
    record Result(long requests, double perSecond, double cpuMicrosPerRequest) {}

    private VendorLoad() {}

    static Result run(VendorControl vendor, String path, int connections, Duration duration) throws Exception {
        AtomicLong requests = new AtomicLong();
        AtomicBoolean running = new AtomicBoolean(true);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            threads.add(Thread.ofPlatform().start(() -> loop(vendor.uri(), path, running, requests)));
        }
        Thread.sleep(1000); // warm
        VendorStats before = vendor.stats();
        long begun = System.nanoTime();
        Thread.sleep(duration.toMillis());
        VendorStats after = vendor.stats();
        double seconds = (System.nanoTime() - begun) / 1e9;
        running.set(false);
        for (Thread thread : threads) {
            thread.join();
        }
        long count = after.requests() - before.requests();
        return new Result(count, count / seconds, (after.cpuMillis() - before.cpuMillis()) * 1000.0 / count);
    }

    private static void loop(URI uri, String path, AtomicBoolean running, AtomicLong requests) {
        byte[] request = ("GET " + path + " HTTP/1.1\r\nHost: " + uri.getAuthority()
                        + "\r\nAccept: application/json\r\nAccept-Encoding: gzip, x-gzip, deflate\r\nUser-Agent: load"
                        + "\r\nAuthorization: Bearer " + SimulatedVendor.DEFAULT_TOKEN + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] buffer = new byte[1 << 17];
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            while (running.get()) {
                out.write(request);
                int wanted = -1;
                int got = 0;
                while (wanted < 0 || got < wanted) {
                    int count = in.read(buffer, got, buffer.length - got);
                    if (count < 0) {
                        throw new IOException("closed");
                    }
                    got += count;
                    if (wanted < 0) {
                        wanted = whole(buffer, got);
                    }
                }
                requests.incrementAndGet();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Length of head and body, or -1 while the head is incomplete. */
    private static int whole(byte[] buffer, int got) {
        String head = new String(buffer, 0, Math.min(got, 600), StandardCharsets.ISO_8859_1);
        int end = head.indexOf("\r\n\r\n");
        if (end < 0) {
            return -1;
        }
        int at = head.indexOf("Content-Length: ") + "Content-Length: ".length();
        return end + 4 + Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
    }

    /** Arguments: vendor's address, path, connections, seconds. */
    static void main(String[] args) throws Exception {
        try (RemoteVendor vendor = new RemoteVendor(URI.create(args[0]))) {
            System.out.println(
                    run(vendor, args[1], Integer.parseInt(args[2]), Duration.ofSeconds(Long.parseLong(args[3]))));
        }
    }
}
